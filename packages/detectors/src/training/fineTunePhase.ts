import type { Boxes, BoxCoder } from '@roikit/geometry';
import { sampleRegions, type RegionTargets } from '@roikit/heads';
import type { RgbImage } from '@roikit/image';
import type { LearningTask, LossTerms, PhaseEntry, TrainedUnits } from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainData } from '../detectorType';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import { joined } from '../joined';
import type { RegionFeatures } from '../parts';
import type { Report } from '../types';
import { fromViews } from './augment';
import { descentPhase, parameterGroups } from './descentPhase';
import type { MappedGroup } from './mapBatch';
import type { ResolvedTrainOptions } from './trainOptions';

/** An image and the regions sampled from it. */
export interface SampledImage {
  image: RgbImage;
  targets: RegionTargets;
  /** Times the size that the detector gives it. @default 1 */
  scale?: number;
}

/** What a kind of detector fine-tunes, and by which loss. */
export interface FineTuning {
  /** What has dropout. */
  model: LayersModel;
  coder: BoxCoder;
  /** Differentiable. */
  losses(batch: readonly SampledImage[]): LossTerms;
  validate?: LearningTask<unknown, Report>['validate'];
  units?: TrainedUnits;
}

/** Gradient descent on batches of a few images with many sampled regions each (Fast R-CNN §2.3, R-CNN §2.3). */
export function fineTunePhase(
  detector: GeneralizedRCNN,
  data: TrainData,
  options: ResolvedTrainOptions,
  tuning: FineTuning,
): PhaseEntry<Report> {
  const task = fineTuning(detector, data, options, tuning);
  return descentPhase('fine-tune', task, { model: tuning.model, options });
}

function fineTuning(
  detector: GeneralizedRCNN,
  { dataset, table }: TrainData,
  options: ResolvedTrainOptions,
  { coder, losses, validate, units }: FineTuning,
): LearningTask<SampledImage[], Report> {
  const { images: _, regions: count = 128, ...sampling } = { uniformClasses: true, ...options.batch };
  return {
    items: table.indices,
    groups: parameterGroups(detector, options),
    variables: detector.variables(),
    nameOf: (index) => dataset.id(index),
    prepare: (indices, random) => {
      const proposals = (index: number) => table.proposals.get(index) as Boxes;
      const drawing = { proposals, options: options.augment, random };
      return fromViews(dataset, indices, drawing, (view) => {
        const targets = sampleRegions(view.proposals, view.sample.truth, {
          ...sampling,
          count,
          coder,
          random,
        });
        return { image: view.sample.image, targets, scale: view.scale };
      });
    },
    isEmpty: (batch) => batch.every(({ targets }) => targets.labels.length === 0), // an empty picture may have nothing to learn from
    losses,
    validate,
    units,
  };
}

/** Images that have something to learn from. */
export const withRegions = (batch: readonly SampledImage[]): SampledImage[] =>
  batch.filter(({ targets }) => targets.labels.length > 0);

/** Features of all sampled regions of a batch at once (the gradient of the largest layer is then worked out once), and what the head should say of them. */
export function sampledFeatures(
  regionFeatures: RegionFeatures,
  groups: readonly MappedGroup<SampledImage>[],
): { features: tf.Tensor } & RegionTargets {
  const regions = groups.map((group) =>
    regionFeatures.apply(
      group,
      group.items.map(({ targets }) => targets.boxes),
    ),
  );
  const targets = groups.flatMap(({ items }) => items.map((item) => item.targets));
  return {
    features: tf.concat(regions),
    labels: Int32Array.from(targets.flatMap((target) => [...target.labels])),
    boxTargets: joined(targets.map((target) => target.boxTargets)),
    boxes: joined(targets.map((target) => target.boxes)),
  };
}
