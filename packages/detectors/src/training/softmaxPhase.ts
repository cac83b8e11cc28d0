import { BoxCoder } from '@roikit/geometry';
import { softmaxLoss } from '@roikit/heads';
import type { PhaseEntry } from '@roikit/training';
import type { TrainData } from '../detectorType';
import type { Report } from '../types';
import { fineTunePhase, sampledFeatures, withRegions } from './fineTunePhase';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import type { LinearHead } from '../head/linearHead';
import type { Backbone, DetectorParts, ImageTransform } from '../parts';
import { mapBatch } from './mapBatch';
import type { ResolvedTrainOptions } from './trainOptions';
import { validation } from './validation';

/** A detector whose regions share the maps of their image. */
export type MappedDetector = GeneralizedRCNN<
  DetectorParts & { transform: ImageTransform; backbone: Backbone; head: LinearHead }
>;

/** Layers trained as a classifier of regions (R-CNN §2.3, SPP-net §4.1); boxes are left to the regressors. */
export function softmaxPhase(
  detector: MappedDetector,
  data: TrainData,
  options: ResolvedTrainOptions,
): PhaseEntry<Report> {
  const { parts } = detector;
  return fineTunePhase(detector, data, options, {
    model: parts.head.model,
    coder: new BoxCoder(),
    losses: (batch) => {
      const { features, labels } = sampledFeatures(parts.regionFeatures, mapBatch(parts, withRegions(batch)));
      const { clsScore } = parts.head.logits(features, { training: true });
      return { classification: softmaxLoss(clsScore, labels) };
    },
    validate: validation(detector, options),
  });
}
