/** Row-major image, 3 or 4 bytes a pixel (a browser's `ImageData` is one). */
export interface RgbImage {
  data: Uint8Array | Uint8ClampedArray;
  /** Pixels. */
  width: number;
  height: number;
}

/** Width and height in pixels. */
export type Size = Pick<RgbImage, 'width' | 'height'>;

/**
 * How many bytes a pixel has: 3 or 4.
 *
 * @param caller the function named in the error.
 * @throws RangeError unless width and height are positive integers and the data hold 3 or 4 bytes for each pixel.
 */
export function channelsOf(caller: string, image: RgbImage): 3 | 4 {
  if (typeof image !== 'object' || image === null) {
    const got = typeof image === 'string' ? `the text '${String(image)}'` : String(image);
    throw new TypeError(`${caller}: image must be { data, width, height }, got ${got}; readImage gives one`);
  }
  const { data, width, height } = image;
  checkSize(caller, { width, height });
  // Not instanceof: an ImageData of another frame is one, too. Floats in [0, 1] would come out black.
  if (data?.BYTES_PER_ELEMENT !== 1) {
    const got = (data as object | undefined)?.constructor.name ?? String(data);
    throw new RangeError(`${caller}: data must be bytes, a Uint8Array or Uint8ClampedArray, got ${got}`);
  }
  const pixels = width * height;
  if (data.length === 3 * pixels) return 3;
  if (data.length === 4 * pixels) return 4;
  throw new RangeError(
    `${caller}: data of a ${width}×${height} image must have ${3 * pixels} (RGB) or ${4 * pixels} (RGBA) bytes, got ${data.length}`,
  );
}

/** Four bytes each are what one array of bytes holds everywhere, 2³². */
const mostPixels = 2 ** 30;

/** Throws a RangeError unless both sides are positive integers, and the picture fits into an array. */
export function checkSize(caller: string, { width, height }: Size): void {
  if (width * height > mostPixels)
    throw new RangeError(`${caller}: pictures have ${mostPixels} pixels at most, got ${width} × ${height}`);
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0) return;
  throw new RangeError(`${caller}: width and height must be positive integers, got ${width} and ${height}`);
}

/** One of a few words, for the functions that take one. */
export function checkChoice(caller: string, name: string, value: unknown, choices: readonly string[]): void {
  if (choices.includes(value as string)) return;
  throw new TypeError(`${caller}: ${name} must be one of ${choices.join(', ')}, got ${String(value)}`);
}

/** The image with 3 bytes a pixel: a fourth is dropped, as Pillow's `convert('RGB')` does. Three stay where they are. */
export function toRgb(image: RgbImage): RgbImage {
  if (channelsOf('toRgb', image) === 3) return image;
  const { data, width, height } = image;
  const rgb = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; to < rgb.length; from += 4) {
    rgb[to++] = data[from]!;
    rgb[to++] = data[from + 1]!;
    rgb[to++] = data[from + 2]!;
  }
  return { data: rgb, width, height };
}
