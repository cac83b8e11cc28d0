import type { PhaseEntry } from '@roikit/training';
import type { TrainData } from '../detectorType';
import type { Report } from '../types';
import { boxesPhase } from './boxesPhase';
import type { LinearHead } from '../head/linearHead';
import type { Fitted } from './fittingPhase';
import type { StagedTraining } from './stagedTraining';
import { svmPhase } from './svmPhase';
import type { ResolvedTrainOptions } from './trainOptions';

/**
 * A network trained as a classifier of regions by `fineTune`, then the SVMs, then the box regressors; `defaults` are those of the
 * kind.
 */
export function stagedPhases<Detector extends Fitted<LinearHead>>(
  fineTune: (detector: Detector, data: TrainData, options: ResolvedTrainOptions) => PhaseEntry<Report>,
  defaults: Pick<StagedTraining, 'svm' | 'boxes'>,
) {
  return (detector: Detector, data: TrainData, options: ResolvedTrainOptions): PhaseEntry<Report>[] => [
    fineTune(detector, data, options),
    svmPhase(detector, data, { ...defaults.svm, ...options.svm }),
    boxesPhase(detector, data, { ...defaults.boxes, ...options.boxes }),
  ];
}
