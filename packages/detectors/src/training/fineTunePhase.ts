import type { Boxes, BoxCoder } from '@roikit/geometry';
import { sampleRegions, type RegionTargets } from '@roikit/heads';
import type { RgbImage } from '@roikit/image';
import { setDropoutRandom } from '@roikit/ops/layers';
import {
  GradientDescent,
  type GradientDescentOptions,
  type LearningTask,
  type LossTerms,
  type ParameterGroup,
  type PhaseEntry,
} from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainData } from '../detectorType';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import type { RegionFeatures } from '../parts';
import type { Report } from '../types';
import { augment, drawScale } from './augment';
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
}

/** Gradient descent on batches of a few images with many sampled regions each (Fast R-CNN §2.3, R-CNN §2.3). */
export function fineTunePhase(
  detector: GeneralizedRCNN,
  data: TrainData,
  options: ResolvedTrainOptions,
  tuning: FineTuning,
): PhaseEntry<Report> {
  const name = 'fine-tune';
  return {
    name,
    create: () => {
      setDropoutRandom(tuning.model, options.random); // masks are part of what a resumed run repeats
      return new GradientDescent(fineTuning(detector, data, options, tuning), descentOptions(name, options));
    },
  };
}

/** A run's options as gradient descent takes them. */
export function descentOptions(phase: string, options: ResolvedTrainOptions): GradientDescentOptions {
  const { batch, random, epochs, optimizer, schedule, ema, patience, validateEvery } = options;
  const batchSize = batch?.images ?? 2;
  return { phase, batchSize, epochs, optimizer, schedule, ema, patience, validateEvery, random };
}

/** The network's own layers, which may have a rate of their own, and all others. */
export function parameterGroups(
  detector: GeneralizedRCNN,
  { optimizer: { backboneFactor: factor = 1 } }: ResolvedTrainOptions,
): ParameterGroup[] {
  const all = [...detector.variables()];
  const isBody = ([name]: readonly [string, unknown]) => name.includes('.body.');
  return [
    { variables: new Map(factor > 0 ? all.filter(isBody) : []), factor },
    { variables: new Map(all.filter((entry) => !isBody(entry))), factor: 1 },
  ];
}

function fineTuning(
  detector: GeneralizedRCNN,
  { dataset, table }: TrainData,
  options: ResolvedTrainOptions,
  { coder, losses, validate }: FineTuning,
): LearningTask<SampledImage[], Report> {
  const { images: _, regions: count = 128, ...sampling } = { uniformClasses: true, ...options.batch };
  return {
    items: table.indices,
    groups: parameterGroups(detector, options),
    variables: detector.variables(),
    nameOf: (index) => dataset.id(index),
    prepare: (indices, random) =>
      Promise.all(indices.map((index) => dataset.get(index))).then((samples) => {
        const scale = drawScale(options.augment, random); // of the whole step: pictures of one size share a pass
        return samples.map((sample, i) => {
          const proposals = table.proposals.get(indices[i] as number) as Boxes;
          const view = augment({ sample, proposals }, options.augment, random);
          const targets = sampleRegions(view.proposals, view.sample.truth, {
            ...sampling,
            count,
            coder,
            random,
          });
          return { image: view.sample.image, targets, scale };
        });
      }),
    isEmpty: (batch) => batch.every(({ targets }) => targets.labels.length === 0), // an empty picture may have nothing to learn from
    losses,
    validate,
  };
}

/** Images that have something to learn from. */
export const withRegions = (batch: readonly SampledImage[]): SampledImage[] =>
  batch.filter(({ targets }) => targets.labels.length > 0);

/** Features of all sampled regions of a batch at once (the gradient of the largest layer is then worked out once), and what the head should say of them. */
export function sampledFeatures(
  regionFeatures: RegionFeatures,
  groups: readonly MappedGroup<SampledImage>[],
): { features: tf.Tensor; labels: Int32Array; boxTargets: Float32Array } {
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
    boxTargets: Float32Array.from(targets.flatMap((target) => [...target.boxTargets])),
  };
}
