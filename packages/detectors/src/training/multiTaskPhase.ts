import type { Boxes, BoxCoder } from '@roikit/geometry';
import { fastRCNNLoss, sampleRegions, type RegionTargets } from '@roikit/heads';
import type { RgbImage } from '@roikit/image';
import { setDropoutRandom } from '@roikit/ops/layers';
import {
  GradientDescent,
  type GradientDescentOptions,
  type LearningTask,
  type ParameterGroup,
  type PhaseEntry,
} from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import type { ConvBackbone } from '../convBackbone';
import type { TrainData } from '../detectorType';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import type { DetectorParts } from '../parts';
import type { SoftmaxHead } from '../softmaxHead';
import type { Report } from '../types';
import { augment, drawScale } from './augment';
import { mapBatch, type MappedGroup } from './mapBatch';
import type { MultiTaskTraining } from './multiTaskTraining';
import type { ResolvedTrainOptions } from './trainOptions';
import { validation } from './validation';

/** What a detector trained this way is made of. */
export interface MultiTaskParts extends DetectorParts {
  backbone: ConvBackbone;
  head: SoftmaxHead;
  coder: BoxCoder;
}

type MultiTaskDetector = GeneralizedRCNN<MultiTaskParts>;

/** An image and the regions sampled from it. */
export interface SampledImage {
  image: RgbImage;
  targets: RegionTargets;
  /** Times the size that the detector gives it. @default 1 */
  scale?: number;
}

/** Fast R-CNN §2.3: backbone, classifier and box regressors trained together, on batches of a few images with many regions each. */
export function multiTaskPhase(
  detector: MultiTaskDetector,
  data: TrainData,
  options: ResolvedTrainOptions,
): PhaseEntry<Report> {
  return {
    name: 'fine-tune',
    create: () => {
      setDropoutRandom(detector.parts.head.model, options.random); // masks are part of what a resumed run repeats
      return new GradientDescent(multiTask(detector, data, options), descentOptions('fine-tune', options));
    },
  };
}

/** A run's options as gradient descent takes them. */
export function descentOptions(phase: string, options: ResolvedTrainOptions): GradientDescentOptions {
  const { batch, random, epochs, optimizer, schedule, ema, patience, validateEvery } = options;
  const batchSize = batch?.images ?? 2;
  return { phase, batchSize, epochs, optimizer, schedule, ema, patience, validateEvery, random };
}

/** The backbone's own layers, which may have a rate of their own, and all others. */
export function parameterGroups(
  detector: GeneralizedRCNN,
  { optimizer: { backboneFactor: factor = 1 } }: ResolvedTrainOptions,
): ParameterGroup[] {
  const all = [...detector.variables()];
  const isBody = ([name]: readonly [string, unknown]) => name.startsWith('backbone.body.');
  return [
    { variables: new Map(factor > 0 ? all.filter(isBody) : []), factor },
    { variables: new Map(all.filter((entry) => !isBody(entry))), factor: 1 },
  ];
}

function multiTask(
  detector: MultiTaskDetector,
  { dataset, table }: TrainData,
  options: ResolvedTrainOptions,
): LearningTask<SampledImage[], Report> {
  const { coder } = detector.parts;
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
    losses: (batch) => multiTaskLosses(detector, batch, options.loss),
    validate: validation(detector, options),
  };
}

/** The multi-task loss of a batch's sampled regions (Fast R-CNN Eq. 1); differentiable. */
export function multiTaskLosses(
  { parts }: MultiTaskDetector,
  batch: readonly SampledImage[],
  options?: MultiTaskTraining['loss'],
): ReturnType<typeof fastRCNNLoss> {
  const used = batch.filter(({ targets }) => targets.labels.length > 0);
  return regionLosses(parts, mapBatch(parts, used), options);
}

/** The same, from maps. */
export function regionLosses(
  { regionFeatures, head }: Pick<MultiTaskParts, 'regionFeatures' | 'head'>,
  groups: readonly MappedGroup<SampledImage>[],
  options?: MultiTaskTraining['loss'],
): ReturnType<typeof fastRCNNLoss> {
  const regions = groups.map((group) =>
    regionFeatures.apply(
      group,
      group.items.map(({ targets }) => targets.boxes),
    ),
  );
  // All regions at once: the gradient of the largest layer is worked out once.
  const { clsScore, bboxPred } = head.logits(tf.concat(regions), { training: true });
  const targets = groups.flatMap(({ items }) => items.map((item) => item.targets));
  const labels = Int32Array.from(targets.flatMap((target) => [...target.labels]));
  const boxTargets = Float32Array.from(targets.flatMap((target) => [...target.boxTargets]));
  return fastRCNNLoss(clsScore, bboxPred, { labels, boxTargets }, options);
}
