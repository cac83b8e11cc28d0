import { buildDetector } from './buildDetector';
import { parseOptions } from '@roikit/training';
import type { BaseConfig } from './config';
import type { GeneralizedRCNN } from './generalizedRCNN';
import { detectorType } from './registry';

/** What a head predicts with: the layers, and SVMs and regressors, whose size follows from the classes. */
const PREDICTOR = /^head\.((network\.)?(cls_score|bbox_pred)|linear)\./;

export interface TransferOptions {
  /** Names of the new classes 1…K. */
  classes: readonly string[];
  /** Draws the new predictor's weights. */
  random: () => number;
}

/**
 * A detector for other classes that starts where a trained one is: everything but the predictor is kept, as torchvision's
 * own tutorial does. The source stays as it is.
 */
export async function transferDetector(
  source: GeneralizedRCNN,
  { classes, random }: TransferOptions,
): Promise<GeneralizedRCNN> {
  const type = detectorType(source.config.type, 'transferDetector');
  const config = parseOptions('transferDetector', type.config, { ...source.config, classes: [...classes] });
  const about = { caller: 'transferDetector', random, pretrained: true };
  const detector = buildDetector(type, config as BaseConfig, about);
  const weights = await source.stateDict();
  for (const [key, tensor] of await detector.stateDict()) {
    if (PREDICTOR.test(key)) weights.set(key, tensor);
  }
  detector.load(weights);
  return detector;
}
