import { BoxCoder } from '@roikit/geometry';
import { softmaxLoss } from '@roikit/heads';
import type { PhaseEntry } from '@roikit/training';
import type { TrainData } from '../detectorType';
import type { Report } from '../types';
import { fineTunePhase, sampledFeatures, withRegions } from './fineTunePhase';
import type { Fitted } from './fittingPhase';
import type { LinearHead } from '../head/linearHead';
import { mapBatch } from './mapBatch';
import type { ResolvedTrainOptions } from './trainOptions';
import { validation } from './validation';

/** Layers trained as a classifier of regions (R-CNN §2.3, SPP-net §4.1); boxes are left to the regressors. */
export function softmaxPhase(
  detector: Fitted<LinearHead>,
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
