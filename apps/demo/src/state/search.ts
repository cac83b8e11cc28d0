import { distinctColor, parseHex } from '@roikit/draw';
import { computed } from '@preact/signals';
import type { RgbImage } from '@roikit/image';
import type { Pixels } from '../paint/pixels';
import { api } from './actions';
import { answered, REST } from './answered';
import { shown } from './session';
import { mergeShare, scale, sigma, stage } from './walk';

// Selective search made visible: computed in the worker while one of its two stages is looked at.

const segmented = answered(() => {
  if (stage.value !== 'segments' || !shown.value) return undefined;
  const { image } = shown.value;
  const options = { scale: scale.value, sigma: sigma.value };
  return async () => ({ of: image, ...(await api.segment(image, options)) });
}, REST);

const groupedInAll = answered(() => {
  if (stage.value !== 'grouping' || !shown.value) return undefined;
  const { image } = shown.value;
  const options = { sigma: sigma.value };
  return async () => ({ of: image, ...(await api.group(image, options)) });
}, REST);

/** An answer to what was asked of another picture is none. */
const ofShown = <Answer extends { of: RgbImage }>(answer: Answer | undefined) =>
  answer && answer.of === shown.value?.image ? answer : undefined;

export const segmentation = computed(() => ofShown(segmented.value));
export const hierarchy = computed(() => ofShown(groupedInAll.value));

/** Merges that have been done where the slider stands. */
export const mergesDone = computed(() =>
  hierarchy.value ? Math.round(mergeShare.value * (hierarchy.value.count - 1)) : 0,
);

/** The region that each of the first regions has become. */
export const grouped = computed(() => {
  if (!hierarchy.value) return undefined;
  const { count, merges } = hierarchy.value;
  const parent = Int32Array.from({ length: 2 * count - 1 }, (_, i) => i);
  for (let i = 0; i < mergesDone.value; i++) {
    parent[merges[2 * i]!] = count + i;
    parent[merges[2 * i + 1]!] = count + i;
  }
  // A region's number is smaller than that of what it becomes.
  for (let i = parent.length - 1; i >= 0; i--) parent[i] = parent[parent[i]!]!;
  return parent.subarray(0, count);
});

/** How much of the picture the regions hide, of 255. */
const REGION_ALPHA = 150;

/** Colours by region number, as four bytes: a merged region keeps the colour of its larger part. */
const colors = computed(() => {
  if (!hierarchy.value) return new Uint8Array(0);
  const { count, merges, labels } = hierarchy.value;
  const sizes = new Float64Array(2 * count - 1);
  for (const label of labels) sizes[label]!++;
  const bytes = new Uint8Array(4 * sizes.length);
  for (let i = 0; i < count; i++) bytes.set([...parseHex(distinctColor(i)), REGION_ALPHA], 4 * i);
  for (let i = 0; i + count < sizes.length; i++) {
    const [a, b] = [merges[2 * i]!, merges[2 * i + 1]!];
    sizes[count + i] = sizes[a]! + sizes[b]!;
    const larger = sizes[a]! >= sizes[b]! ? a : b;
    bytes.copyWithin(4 * (count + i), 4 * larger, 4 * larger + 4);
  }
  return bytes;
});

/** The regions where the slider stands, in their colours, with white borders. */
export const groupingPixels = computed<Pixels | undefined>(() => {
  const [found, roots] = [hierarchy.value, grouped.value];
  if (!found || !roots) return undefined;
  const { labels } = found;
  const { width, height } = found.size;
  const pixels = new Uint32Array(width * height);
  const palette = new Uint32Array(colors.value.buffer);
  for (let p = 0; p < pixels.length; p++) {
    const own = roots[labels[p]!]!;
    const border =
      ((p + 1) % width !== 0 && roots[labels[p + 1]!] !== own) ||
      (p + width < pixels.length && roots[labels[p + width]!] !== own);
    pixels[p] = border ? 0xffffffff : palette[own]!;
  }
  return { data: new Uint8Array(pixels.buffer), width, height };
});
