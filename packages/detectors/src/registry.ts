import { didYouMean } from '@roikit/training';
import type { BaseConfig } from './config';
import type { DetectorType } from './detectorType';
import { fastRCNN, type FastRCNNConfig, type FastRCNNOptions } from './fastRCNN';
import { fasterRCNN, type FasterRCNNConfig, type FasterRCNNOptions } from './fasterRCNN';
import type { GeneralizedRCNN } from './generalizedRCNN';
import { rcnn, type RcnnConfig, type RcnnOptions } from './rcnn';
import { sppNet, type SppNetConfig, type SppNetOptions } from './sppNet';

/** Kinds of detectors, by the `type` of their configuration. A new kind is a file and a line here. */
export const DETECTORS = {
  rcnn,
  'spp-net': sppNet,
  'fast-rcnn': fastRCNN,
  'faster-rcnn': fasterRCNN,
} as const;

export type DetectorKind = keyof typeof DETECTORS;

/** What is trained where nobody names a kind: the one whose defaults were measured most, docs/defaults.md. */
export const DEFAULT_KIND: DetectorKind = 'fast-rcnn';

export type DetectorConfig = RcnnConfig | SppNetConfig | FastRCNNConfig | FasterRCNNConfig;
export type DetectorOptions = RcnnOptions | SppNetOptions | FastRCNNOptions | FasterRCNNOptions;

/** What `createDetector` makes for a kind. */
export type DetectorOf<Kind extends DetectorKind> = ReturnType<(typeof DETECTORS)[Kind]['build']>;

/** Any kind's entry: its own configuration and detector go in and come out together, which the union of kinds can't say. */
export type AnyDetectorType = DetectorType<BaseConfig, unknown, GeneralizedRCNN>;

/** The entry of a kind; RangeError for one that is not in the table. */
export function detectorType(type: unknown, caller: string): AnyDetectorType {
  if (typeof type === 'string' && Object.hasOwn(DETECTORS, type)) {
    return DETECTORS[type as DetectorKind] as unknown as AnyDetectorType;
  }
  const known = Object.keys(DETECTORS);
  const names = known.map((name) => `'${name}'`).join(', ');
  const got = JSON.stringify(type) + didYouMean(String(type), known);
  throw new RangeError(`${caller}: type must be one of ${names}, got ${got}`);
}
