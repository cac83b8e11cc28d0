import fc from 'fast-check';

export const coordinate = fc.float({ min: -1000, max: 1000, noNaN: true });
const side = fc.float({ min: 0, max: 500, noNaN: true });
/** Some on a coarse raster, so that equal boxes, touching edges and exact overlaps occur. */
export const oneBox = fc.oneof(
  fc.tuple(coordinate, coordinate, side, side),
  fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 6 }))),
);
export const toBoxes = (rows: number[][]): Float32Array =>
  Float32Array.from(rows.flatMap(([x, y, w, h]) => [x!, y!, Math.fround(x!) + w!, Math.fround(y!) + h!]));
export const boxesOf = (maxLength: number) => fc.array(oneBox, { maxLength }).map(toBoxes);
const score = fc.oneof(fc.float({ noNaN: true }), fc.integer({ min: 0, max: 4 }));
export const scoredBoxes = fc
  .array(fc.tuple(oneBox, score, fc.integer({ min: 1, max: 3 })), { maxLength: 80 })
  .map((rows) => ({
    boxes: toBoxes(rows.map(([row]) => row)),
    scores: Float32Array.from(rows, ([, value]) => value),
    labels: Int32Array.from(rows, ([, , label]) => label),
  }));
