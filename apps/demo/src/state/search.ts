import { drawSegmentation, distinctColor, parseHex } from '@roikit/draw';
import { computed, effect, signal } from '@preact/signals';
import type { RgbImage } from '@roikit/image';
import type { Hierarchy, Segmentation } from '@roikit/proposals';
import { api, guarded } from './actions';
import { shown, toCanvas } from './session';
import { mergeShare, scale, sigma, stage } from './walk';

// Selective search made visible: computed in the worker while one of its two stages is looked at.

/** Larger pictures are searched at this size: regions are as large as they look, and sliders answer at once. */
const MAX_SIDE = 480;

/** How long a slider must rest before the worker is asked, milliseconds. */
const REST = 80;

interface Found<Result> {
  result: Result;
  milliseconds: number;
  image: RgbImage;
}

export const segmentation = signal<Found<Segmentation> | undefined>(undefined);
export const hierarchy = signal<Found<Hierarchy> | undefined>(undefined);

const searched = computed<RgbImage | undefined>(() => {
  if (!shown.value) return undefined;
  const { canvas } = shown.value;
  const factor = Math.min(1, MAX_SIDE / Math.max(canvas.width, canvas.height));
  if (factor === 1) return shown.value.image;
  const small = new OffscreenCanvas(Math.round(canvas.width * factor), Math.round(canvas.height * factor));
  const context = small.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(canvas, 0, 0, small.width, small.height);
  return context.getImageData(0, 0, small.width, small.height);
});

/** Asks again whenever picture or settings change while its stage is open; only the last answer counts. */
function follow<Result, Options>(
  into: typeof segmentation | typeof hierarchy,
  isOpen: () => boolean,
  options: () => Options,
  ask: (image: RgbImage, options: Options) => Promise<{ result: Result; milliseconds: number }>,
): void {
  let asked = 0;
  effect(() => {
    const [image, wanted] = [searched.value, options()];
    if (!isOpen() || !image) return;
    const own = ++asked;
    const timer = setTimeout(
      () =>
        void guarded(async () => {
          const answer = await ask(image, wanted);
          if (own === asked) (into as { value: unknown }).value = { ...answer, image };
        }),
      REST,
    );
    return () => clearTimeout(timer);
  });
}

follow(
  segmentation,
  () => stage.value === 'segments',
  () => ({ scale: scale.value, sigma: sigma.value }),
  (image, options) => api.segment(image, options),
);
follow(
  hierarchy,
  () => stage.value === 'grouping',
  () => ({ sigma: sigma.value }),
  (image, options) => api.group(image, options),
);

/** The segmentation of the picture that is shown, painted. */
export const segmentationCanvas = computed(() => {
  const found = segmentation.value;
  return found && found.image === searched.value
    ? toCanvas(drawSegmentation(found.image, found.result))
    : undefined;
});

/** Merges that have been done where the slider stands. */
export const mergesDone = computed(() => {
  const found = hierarchy.value;
  return found ? Math.round(mergeShare.value * (found.result.count - 1)) : 0;
});

/** The region that each of the first regions has become. */
export const grouped = computed(() => {
  const found = hierarchy.value;
  if (!found || found.image !== searched.value) return undefined;
  const { count, merges } = found.result;
  const parent = Int32Array.from({ length: 2 * count - 1 }, (_, i) => i);
  for (let i = 0; i < mergesDone.value; i++) {
    parent[merges[2 * i]!] = count + i;
    parent[merges[2 * i + 1]!] = count + i;
  }
  const root = (i: number): number => (parent[i] === i ? i : root(parent[i]!));
  return Int32Array.from({ length: count }, (_, i) => root(i));
});

/** Colours by region number: a merged region keeps the colour of its larger part. */
const colors = computed(() => {
  const found = hierarchy.value;
  if (!found) return [];
  const { count, merges, labels } = found.result;
  const sizes = new Float64Array(2 * count - 1);
  labels.forEach((label) => sizes[label]!++);
  const list = Array.from({ length: count }, (_, i) => parseHex(distinctColor(i)));
  for (let i = 0; i + count < sizes.length; i++) {
    const [a, b] = [merges[2 * i]!, merges[2 * i + 1]!];
    sizes[count + i] = sizes[a]! + sizes[b]!;
    list.push(list[sizes[a]! >= sizes[b]! ? a : b]!);
  }
  return list;
});

/** The regions where the slider stands, painted. */
export const groupingCanvas = computed(() => {
  const [found, roots] = [hierarchy.value, grouped.value];
  if (!found || !roots) return undefined;
  const { width, height } = found.image;
  const pixels = new ImageData(width, height);
  const { labels } = found.result;
  for (let p = 0; p < labels.length; p++) {
    const own = roots[labels[p]!]!;
    const border =
      ((p + 1) % width !== 0 && roots[labels[p + 1]!] !== own) ||
      (p + width < labels.length && roots[labels[p + width]!] !== own);
    pixels.data.set(border ? [255, 255, 255] : colors.value[own]!, 4 * p);
    pixels.data[4 * p + 3] = border ? 255 : 150;
  }
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  return canvas;
});
