import { channelsOf, checkChoice, type RgbImage } from './rgbImage';

export interface FlipOptions {
  /** 'horizontal' exchanges left and right, 'vertical' top and bottom. @default 'horizontal' the usual augmentation */
  axis?: 'horizontal' | 'vertical';
}

/** The mirror image, in new memory; a fourth byte a pixel stays with its pixel. */
export function flipImage(image: RgbImage, { axis = 'horizontal' }: FlipOptions = {}): RgbImage {
  const channels = channelsOf('flipImage', image);
  checkChoice('flipImage', 'axis', axis, ['horizontal', 'vertical']);
  const { data, width, height } = image;
  const flipped = new Uint8Array(data.length);
  const row = width * channels;
  for (let y = 0; y < height; y++) {
    if (axis === 'vertical') flipped.set(data.subarray(y * row, (y + 1) * row), (height - 1 - y) * row);
    else flipRow(data, flipped, { start: y * row, width, channels });
  }
  return { data: flipped, width, height };
}

function flipRow(
  from: RgbImage['data'],
  to: Uint8Array,
  row: { start: number; width: number; channels: number },
): void {
  let target = row.start;
  for (let x = row.width - 1; x >= 0; x--) {
    const source = row.start + x * row.channels;
    for (let c = 0; c < row.channels; c++) to[target++] = from[source + c]!;
  }
}
