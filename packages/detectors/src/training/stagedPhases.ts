import type { PhaseEntry } from '@roikit/training';
import type { TrainData } from '../detectorType';
import type { Report } from '../types';
import { boxesPhase } from './boxesPhase';
import type { LinearDetector } from './fittingPhase';
import { softmaxPhase } from './softmaxPhase';
import type { StagedTraining } from './stagedTraining';
import { svmPhase } from './svmPhase';
import type { ResolvedTrainOptions } from './trainOptions';

/** A classifier of regions, then the SVMs, then the box regressors; `defaults` are those of the kind. */
export function stagedPhases(defaults: Pick<StagedTraining, 'batch' | 'svm' | 'boxes'>) {
  return (detector: LinearDetector, data: TrainData, options: ResolvedTrainOptions): PhaseEntry<Report>[] => [
    softmaxPhase(detector, data, { ...options, batch: { ...defaults.batch, ...options.batch } }),
    svmPhase(detector, data, { ...defaults.svm, ...options.svm }),
    boxesPhase(detector, data, { ...defaults.boxes, ...options.boxes }),
  ];
}
