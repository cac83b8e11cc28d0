import type { RgbImage } from '@roikit/geometry';

/** Throws unless the buffer holds 3 or 4 bytes for each of at least one pixel. */
export function checkImage(name: string, { data, width, height }: RgbImage): void {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1)
    throw new RangeError(`${name}: width and height must be positive integers, got ${width} × ${height}`);
  const pixels = width * height;
  if (data.length !== 3 * pixels && data.length !== 4 * pixels)
    throw new RangeError(
      `${name}: data of a ${width} × ${height} image must have ${3 * pixels} (RGB) or ${4 * pixels} (RGBA) bytes, got ${data.length}`,
    );
}
