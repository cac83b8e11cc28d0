import type { StateDict } from '@roikit/weights';
import { buildDetector } from './buildDetector';
import {
  detectorType,
  type DetectorConfig,
  type DetectorKind,
  type DetectorOf,
  type DetectorOptions,
} from './registry';

export interface InitialWeights {
  /**
   * ImageNet weights of the backbone under torchvision's names, or all weights of a detector, of which its backbone's are
   * taken; without, training starts from random ones.
   */
  backboneWeights?: StateDict;
  /** Draws the initial weights. */
  random: () => number;
  /** Hears what of `backboneWeights` is left unused. @default console.warn */
  warn?: (message: string) => void;
}

export type CreateDetectorOptions = DetectorOptions & InitialWeights;

/**
 * A detector with a fresh head, ready to be trained.
 *
 * @throws RangeError that names the options which are wrong, or the weights that are missing
 */
export function createDetector<Kind extends DetectorKind>(
  options: CreateDetectorOptions & { type: Kind },
): DetectorOf<Kind> {
  const { backboneWeights, random, warn = (message) => console.warn(message), ...own } = options;
  const type = detectorType(own.type, 'createDetector');
  const pretrained = backboneWeights !== undefined;
  const config = type.resolve(own, { pretrained });
  const detector = buildDetector(type, config, { caller: 'createDetector', random, pretrained });
  if (backboneWeights) type.initialize(detector, backboneWeights, warn);
  return detector as DetectorOf<Kind>;
}

/** The configuration with every default filled in. */
export function resolveConfig<Kind extends DetectorKind>(
  options: DetectorOptions & { type: Kind },
  { pretrained = true } = {},
): Extract<DetectorConfig, { type: Kind }> {
  const config = detectorType(options.type, 'createDetector').resolve(options, { pretrained });
  return config as Extract<DetectorConfig, { type: Kind }>;
}
