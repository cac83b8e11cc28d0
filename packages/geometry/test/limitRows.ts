export const boxes = (...rows: number[][]): Float32Array => Float32Array.from(rows.flat());

/** A 100 × 20 box, and one over its first `percent` of width: IoU percent / 100. */
export const whole = [0, 0, 100, 20];
export const part = (percent: number): number[] => [0, 0, percent, 20];
