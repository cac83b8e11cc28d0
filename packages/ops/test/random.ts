/** mulberry32: a seeded stream of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Regions {
  shape: [number, number, number, number];
  features: Float32Array;
  boxes: Float32Array;
  boxIndices: Int32Array;
}

/** Seeded maps in [−1, 1) and boxes that may reach outside them; coordinates are multiples of 1/8 pixel. */
export function randomRegions(
  seed: number,
  shape: Regions['shape'],
  count: number,
  spatialScale: number,
): Regions {
  const random = seeded(seed);
  const [images, height, width, channels] = shape;
  const features = Float32Array.from({ length: images * height * width * channels }, () => 2 * random() - 1);
  const boxes = new Float32Array(4 * count);
  for (let r = 0; r < count; r++) {
    for (const [axis, side] of [width, height].entries()) {
      const ends = [random(), random()].map(
        (t) => Math.round((8 * (1.5 * t - 0.25) * side) / spatialScale) / 8,
      );
      boxes[4 * r + axis] = Math.min(...ends);
      boxes[4 * r + axis + 2] = Math.max(...ends);
    }
  }
  return {
    shape,
    features,
    boxes,
    boxIndices: Int32Array.from({ length: count }, () => Math.floor(images * random())),
  };
}
