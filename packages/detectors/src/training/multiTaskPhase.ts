import type { BoxCoder } from '@roikit/geometry';
import { fastRCNNLoss, giouBoxLoss } from '@roikit/heads';
import type { PhaseEntry } from '@roikit/training';
import type { ConvBackbone } from '../backbone/convBackbone';
import type { TrainData } from '../detectorType';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import type { DetectorParts, ImageTransform } from '../parts';
import type { SoftmaxHead } from '../head/softmaxHead';
import type { Report } from '../types';
import {
  boxTargetStatistics,
  normalizedTargets,
  predictorUnits,
  type BoxTargetStatistics,
} from './boxTargets';
import { fineTunePhase, sampledFeatures, withRegions, type SampledImage } from './fineTunePhase';
import { mapBatch, type MappedGroup } from './mapBatch';
import type { MultiTaskTraining } from './multiTaskTraining';
import type { ResolvedTrainOptions } from './trainOptions';
import { validation } from './validation';

/** What a detector trained this way is made of. */
export interface MultiTaskParts extends DetectorParts {
  transform: ImageTransform;
  backbone: ConvBackbone;
  head: SoftmaxHead;
  coder: BoxCoder;
}

type MultiTaskDetector = GeneralizedRCNN<MultiTaskParts>;

/** Fast R-CNN §2.3: backbone, classifier and box regressors trained together, on batches of a few images with many regions each. */
export function multiTaskPhase(
  detector: MultiTaskDetector,
  data: TrainData,
  options: ResolvedTrainOptions,
): PhaseEntry<Report> {
  const { head, coder } = detector.parts;
  const statistics = statisticsOf(detector, data, options);
  return fineTunePhase(detector, data, options, {
    model: head.model,
    coder,
    losses: (batch) => multiTaskLosses(detector, batch, options.loss, statistics),
    validate: validation(detector, options),
    units: statistics && predictorUnits(head.model, statistics),
  });
}

/** Of the box targets, where they are to be normalised. */
function statisticsOf(
  { config, parts: { coder } }: MultiTaskDetector,
  { table }: TrainData,
  { boxTargets, loss, batch, augment }: ResolvedTrainOptions,
): BoxTargetStatistics | undefined {
  if (boxTargets === undefined) return undefined;
  if (loss?.box === 'giou') {
    throw new RangeError(
      "train: boxTargets.normalize is of offsets, and loss.box 'giou' compares boxes; leave one of the two out",
    );
  }
  const { normalize } = boxTargets;
  return boxTargetStatistics(table, { numClasses: config.classes.length, coder, normalize, batch, augment });
}

/** The multi-task loss of a batch's sampled regions (Fast R-CNN Eq. 1); differentiable. */
export function multiTaskLosses(
  { parts }: MultiTaskDetector,
  batch: readonly SampledImage[],
  options?: MultiTaskTraining['loss'],
  statistics?: BoxTargetStatistics,
): ReturnType<typeof fastRCNNLoss> {
  return regionLosses(parts, mapBatch(parts, withRegions(batch)), options, statistics);
}

/** The same, from maps. */
export function regionLosses(
  { regionFeatures, head, coder }: Pick<MultiTaskParts, 'regionFeatures' | 'head' | 'coder'>,
  groups: readonly MappedGroup<SampledImage>[],
  { box = 'smoothL1', ...options }: NonNullable<MultiTaskTraining['loss']> = {},
  statistics?: BoxTargetStatistics,
): ReturnType<typeof fastRCNNLoss> {
  const { features, ...sampled } = sampledFeatures(regionFeatures, groups);
  const targets = statistics ? normalizedTargets(sampled, statistics) : sampled;
  const { clsScore, bboxPred } = head.logits(features, { training: true });
  const boxLoss = box === 'giou' ? giouBoxLoss({ coder }) : undefined;
  return fastRCNNLoss(clsScore, bboxPred, targets, { ...options, boxLoss });
}
