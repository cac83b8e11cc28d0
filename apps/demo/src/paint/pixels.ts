/** Rows of pixels: 3 bytes each, or 4 with how opaque it is. */
export interface Pixels {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
}

/** Pixels on a canvas of their size. */
export function toCanvas({ data, width, height }: Pixels): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const pixels = new ImageData(width, height);
  const to = pixels.data;
  if (data.length === to.length) to.set(data);
  else {
    for (let i = 0, j = 0; i < data.length; i += 3, j += 4) {
      to[j] = data[i]!;
      to[j + 1] = data[i + 1]!;
      to[j + 2] = data[i + 2]!;
      to[j + 3] = 255;
    }
  }
  canvas.getContext('2d', { willReadFrequently: true })!.putImageData(pixels, 0, 0);
  return canvas;
}
