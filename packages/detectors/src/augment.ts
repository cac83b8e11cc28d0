import { flipBoxes, flipSample } from '@roikit/datasets';
import type { TrainImage } from './trainStep';

export interface AugmentOptions {
  /** Probability of a left–right flip. @default 0.5 Fast R-CNN §2.3 */
  horizontalFlip?: number;
  /** Probability of a top–bottom flip. @default 0 most pictures have an up; cells and aerial views have none */
  verticalFlip?: number;
}

/** Random views of a training image; its proposals follow. */
export function augment(original: TrainImage, options: AugmentOptions, random: () => number): TrainImage {
  const { horizontalFlip = 0.5, verticalFlip = 0 } = options;
  let image = original;
  if (random() < horizontalFlip) image = flip(image, 'horizontal');
  if (random() < verticalFlip) image = flip(image, 'vertical');
  return image;
}

function flip({ sample, proposals }: TrainImage, axis: 'horizontal' | 'vertical'): TrainImage {
  return { sample: flipSample(sample, { axis }), proposals: flipBoxes(proposals, sample.image, { axis }) };
}
