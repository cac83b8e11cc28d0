import { loadWeights } from '@roikit/backbones';
import type { StateDict } from '@roikit/weights';
import { resolveConfig, type DetectorOptions } from './config';
import { FastRCNN } from './fastRCNN';

export interface CreateDetectorOptions extends DetectorOptions {
  /** ImageNet weights of the backbone under torchvision's names; without, training starts from random ones. */
  backboneWeights?: StateDict;
  /** Seeds the initial weights. */
  random: () => number;
}

/** A detector with fresh neck and head, ready to be trained. */
export function createDetector({ backboneWeights, random, ...options }: CreateDetectorOptions): FastRCNN {
  const detector = new FastRCNN(resolveConfig(options), { random });
  if (backboneWeights) {
    const { missing } = loadWeights(detector.backbone, backboneWeights, { strict: false }); // a trunk leaves the top out
    if (missing.length > 0) {
      const { name } = detector.config.backbone;
      throw new RangeError(
        `createDetector: backboneWeights must be those of ${name}, missing are ${missing.join(', ')}`,
      );
    }
  }
  return detector;
}
