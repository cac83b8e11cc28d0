import type { Boxes, BoxCoder } from '@roikit/geometry';
import { fastRCNNLoss, sampleRegions, type RegionTargets } from '@roikit/heads';
import type { RgbImage } from '@roikit/image';
import { setDropoutRandom } from '@roikit/ops/layers';
import { GradientDescent, type LearningTask, type PhaseEntry } from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { ConvBackbone } from '../convBackbone';
import type { TrainData } from '../detectorType';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import type { DetectorParts, TransformedImage } from '../parts';
import type { SoftmaxHead } from '../softmaxHead';
import type { Report } from '../types';
import { augment, augmentOptions, drawScale } from './augment';
import type { ResolvedTrainOptions } from './train';
import { validation } from './validation';

const share = z.number().min(0).max(1);

/** Settings of the multi-task loss and of how its regions are drawn. */
export const multiTaskTraining = z.strictObject({
  batch: z
    .strictObject({
      /** Images a step. @default 2 Fast R-CNN §2.3 */
      images: z.int().min(1),
      /** Regions sampled from each. @default 128 twice Fast R-CNN's (§2.3): a small head learns more from a pass of the backbone */
      regions: z.int().min(1),
      /** At most this part is foreground. @default 0.25 Fast R-CNN §2.3 */
      positiveFraction: share,
      /** Foreground: IoU with an object at least this. @default 0.5 Fast R-CNN §2.3 */
      foregroundIou: share,
      /** Background: best IoU in [low, high). @default [0, 0.5] py-faster-rcnn's end-to-end training */
      backgroundIou: z.tuple([share, share]),
      /** Foreground evenly from the classes present. @default true rare classes are learned as well as common ones; Fast R-CNN draws from all alike */
      uniformClasses: z.boolean(),
    })
    .partial()
    .optional(),
  loss: z
    .strictObject({
      /** Weight of the box loss. @default 1 Fast R-CNN §2.3 (λ) */
      lambda: z.number().positive(),
      /** Where smooth L1 turns from square to linear. @default 1 Fast R-CNN Eq. 3 */
      beta: z.number().positive(),
    })
    .partial()
    .optional(),
  augment: augmentOptions.optional(),
});

export type MultiTaskTraining = z.input<typeof multiTaskTraining>;

interface MultiTaskParts extends DetectorParts {
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
  const {
    batch: { images = 2 } = {},
    random,
    epochs,
    optimizer,
    schedule,
    ema,
    patience,
    validateEvery,
  } = options;
  const settings = { epochs, optimizer, schedule, ema, patience, validateEvery, random };
  return {
    name: 'fine-tune',
    create: () => {
      setDropoutRandom(detector.parts.head.model, random); // masks are part of what a resumed run repeats
      return new GradientDescent(multiTask(detector, data, options), {
        phase: 'fine-tune',
        batchSize: images,
        ...settings,
      });
    },
  };
}

function multiTask(
  detector: MultiTaskDetector,
  { dataset, table }: TrainData,
  options: ResolvedTrainOptions,
): LearningTask<SampledImage[], Report> {
  const { backbone, head, coder } = detector.parts;
  const { images: _, regions: count = 128, ...sampling } = { uniformClasses: true, ...options.batch };
  const factor = options.optimizer.backboneFactor ?? 1;
  return {
    items: table.indices,
    groups: [
      {
        variables: prefixedKeys('backbone.body.', factor > 0 ? backbone.bodyVariables() : new Map()),
        factor,
      },
      { variables: prefixedKeys('backbone.neck.', backbone.neckVariables()), factor: 1 },
      { variables: prefixedKeys('head.', head.variables()), factor: 1 },
    ],
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

/** The multi-task loss of a batch's sampled regions (Fast R-CNN Eq. 1); differentiable. Images of one size share a pass. */
export function multiTaskLosses(
  { parts }: MultiTaskDetector,
  batch: readonly SampledImage[],
  options?: MultiTaskTraining['loss'],
): ReturnType<typeof fastRCNNLoss> {
  const used = batch.filter(({ targets }) => targets.labels.length > 0);
  const groups = groupBySize(
    used.map((one) => ({ ...one, ...parts.transform.apply(one.image, { scale: one.scale }) })),
  );
  const regions = groups.map((group) => {
    const maps = parts.backbone.features(tf.concat(group.map(({ input }) => input)));
    const context = { images: group.map(({ image }) => image), sizes: group.map(({ size }) => size), maps };
    const boxes = group.map(({ targets }) => targets.boxes);
    return parts.regionFeatures.apply(context, boxes);
  });
  // All regions at once: the gradient of the largest layer is worked out once.
  const { clsScore, bboxPred } = parts.head.logits(tf.concat(regions), { training: true });
  const targets = groups.flat().map((one) => one.targets);
  const labels = Int32Array.from(targets.flatMap((target) => [...target.labels]));
  const boxTargets = Float32Array.from(targets.flatMap((target) => [...target.boxTargets]));
  return fastRCNNLoss(clsScore, bboxPred, { labels, boxTargets }, options);
}

/** Inputs of one size together, in the order of their first. */
function groupBySize<Item extends TransformedImage>(items: readonly Item[]): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const size = item.input.shape.join('×');
    groups.set(size, [...(groups.get(size) ?? []), item]);
  }
  return [...groups.values()];
}

function prefixedKeys<Value>(prefix: string, map: ReadonlyMap<string, Value>): Map<string, Value> {
  return new Map([...map].map(([key, value]) => [prefix + key, value]));
}
