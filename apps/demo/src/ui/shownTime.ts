/** Milliseconds, as many digits as mean something. */
export const shownTime = (ms: number): string => (ms < 10 ? ms.toFixed(1) : String(Math.round(ms)));
