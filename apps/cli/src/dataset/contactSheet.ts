import type { Sample } from '@roikit/datasets';
import { toSharp } from '@roikit/image/node';
import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import { overlayElements } from '../draw/overlay';
import { outlineText } from '../draw/text';

/** Pixels of a picture's place, of the line under it and of what is between. */
const CELL = { width: 300, height: 225, caption: 22, gap: 10 };
const COLUMNS = 5;

const INK = '#c3ccd6';
const PAGE = '#12171d';

/** Pictures with their boxes and names on one sheet, as a sharp pipeline. */
export async function contactSheet(samples: readonly Sample[], classes: readonly string[]): Promise<Sharp> {
  const columns = Math.min(COLUMNS, samples.length);
  const rows = Math.ceil(samples.length / columns);
  const step = { x: CELL.width + CELL.gap, y: CELL.height + CELL.caption + CELL.gap };
  const layers: OverlayOptions[] = [];
  for (const [i, sample] of samples.entries()) {
    const [left, top] = [CELL.gap + (i % columns) * step.x, CELL.gap + Math.floor(i / columns) * step.y];
    const input = await cell(sample, classes);
    layers.push({ input, left, top });
  }
  const [width, height] = [CELL.gap + columns * step.x, CELL.gap + rows * step.y];
  return sharp({ create: { width, height, channels: 3, background: PAGE } }).composite(layers);
}

/** One picture, shrunk or enlarged to its place, and its name under it. */
async function cell({ id, image, truth }: Sample, classes: readonly string[]): Promise<Buffer> {
  const scale = Math.min(CELL.width / image.width, CELL.height / image.height);
  // A thin picture would have no pixels left.
  const size = (side: number): number => Math.max(1, Math.round(side * scale));
  const [width, height] = [size(image.width), size(image.height)];
  const picture = await toSharp(image)
    .resize(width, height, { fit: 'fill' })
    .png({ compressionLevel: 1 })
    .toBuffer();
  const boxes = Array.from(truth.labels, (label, i) => ({
    box: truth.boxes.subarray(4 * i, 4 * i + 4),
    label,
    text: classes[label - 1],
  }));
  const drawn = overlayElements(boxes, { width: image.width, height: image.height, scale });
  const all = { width: CELL.width, height: CELL.height + CELL.caption };
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${all.width}" height="${all.height}">${drawn}${caption(id)}</svg>`;
  return sharp({ create: { ...all, channels: 3, background: PAGE } })
    .composite([
      { input: picture, left: 0, top: 0 },
      { input: Buffer.from(svg), left: 0, top: 0 },
    ])
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/** The name, or its end where there is no room for more: that tells it from its neighbours. */
function caption(id: string): string {
  const size = 13;
  let shown = id;
  let { path, width } = outlineText(shown, size);
  for (let cut = 1; width > CELL.width && cut < id.length; cut++) {
    shown = `…${id.slice(cut)}`;
    ({ path, width } = outlineText(shown, size));
  }
  return `<path transform="translate(0 ${CELL.height + size + 2})" d="${path}" fill="${INK}"/>`;
}
