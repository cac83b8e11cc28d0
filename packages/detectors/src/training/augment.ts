import {
  centresInside,
  flipBoxes,
  flipSample,
  photometricDistort,
  randomIouCrop,
  viewBoxes,
  viewSample,
  type Dataset,
  type Sample,
} from '@roikit/datasets';
import { gatherBoxes, type Boxes } from '@roikit/geometry';
import type { Fields } from '@roikit/training';
import * as z from 'zod';

const share = z.number().min(0).max(1);

/** How pictures are changed before they are learned from; R-CNN's windows are only mirrored. */
export interface AugmentOptions {
  /** Probability of a left–right flip. @default 0.5 Fast R-CNN §2.3 */
  horizontalFlip?: number;
  /** Probability of a top–bottom flip. @default 0 most pictures have an up; cells and aerial views have none */
  verticalFlip?: number;
  /** Probability of a random crop around an object (SSD §2.2). @default 0 */
  iouCrop?: number;
  /** Probability of changes of brightness, contrast, saturation and hue. @default 0 */
  photometricDistort?: number;
  /**
   * Range of what the size of a step's pictures is multiplied by. @default [0.7, 1.3] docs/defaults.md; Fast R-CNN
   * §5.2 found little in five sizes, with a hundred times as many pictures
   */
  scale?: [number, number];
}

export const augmentOptions = z
  .strictObject({
    horizontalFlip: share,
    verticalFlip: share,
    iouCrop: share,
    photometricDistort: share,
    scale: z.tuple([z.number().positive(), z.number().positive()]).refine(([low, high]) => low <= high, {
      error: 'must be [low, high] with low ≤ high',
    }),
  } satisfies Fields<AugmentOptions>)
  .partial();

/** An image of a batch with its annotated objects and its proposals. */
export interface TrainImage {
  sample: Sample;
  proposals: Boxes;
}

/** A view of an image, to be learned from. */
export interface View extends TrainImage {
  /** Times the size that the detector gives it. */
  scale: number;
}

/** What is learned from views of a step's images, drawn one after the other; `proposals` are those of an image, by its index. */
export async function fromViews<Item>(
  dataset: Dataset,
  indices: readonly number[],
  {
    proposals,
    options,
    random,
  }: {
    proposals: (index: number) => Boxes;
    options?: AugmentOptions;
    random: () => number;
  },
  learn: (view: View) => Item,
): Promise<Item[]> {
  const samples = await Promise.all(indices.map((index) => dataset.get(index)));
  const scale = drawScale(options, random); // of the whole step: pictures of one size share a pass
  return samples.map((sample, i) => {
    const original = { sample, proposals: proposals(indices[i] as number) };
    return learn({ ...augment(original, options, random), scale });
  });
}

/** What the size of a step's pictures is multiplied by. */
export function drawScale(
  { scale: [low, high] = [0.7, 1.3] }: AugmentOptions = {},
  random: () => number,
): number {
  return low + (high - low) * random();
}

/** Random views of a training image; its proposals follow. */
export function augment(
  original: TrainImage,
  options: AugmentOptions = {},
  random: () => number,
): TrainImage {
  const { horizontalFlip = 0.5, verticalFlip = 0, iouCrop = 0, photometricDistort: distort = 0 } = options;
  let image = original;
  // Nothing is drawn for what is off: a seed gives the run that it gave before there were these.
  if (iouCrop > 0 && random() < iouCrop) image = crop(image, random);
  if (distort > 0 && random() < distort)
    image = { ...image, sample: photometricDistort(image.sample, { random }) };
  if (random() < horizontalFlip) image = flip(image, 'horizontal');
  if (random() < verticalFlip) image = flip(image, 'vertical');
  return image;
}

function flip({ sample, proposals }: TrainImage, axis: 'horizontal' | 'vertical'): TrainImage {
  return { sample: flipSample(sample, { axis }), proposals: flipBoxes(proposals, sample.image, { axis }) };
}

/** Proposals whose centre is cut off go, as objects do. */
function crop({ sample, proposals }: TrainImage, random: () => number): TrainImage {
  const view = randomIouCrop(sample, { scaleRange: [0.5, 1], random });
  return {
    sample: viewSample(sample, view),
    proposals: viewBoxes(gatherBoxes(proposals, centresInside(proposals, view)), view),
  };
}
