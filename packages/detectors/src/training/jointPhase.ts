import type { Sample } from '@roikit/datasets';
import { resizeBoxes } from '@roikit/geometry';
import { rpnLoss, sampleAnchors, sampleRegions, type AnchorTargets } from '@roikit/heads';
import { setDropoutRandom } from '@roikit/ops/layers';
import { GradientDescent, type LearningTask, type LossTerms, type PhaseEntry } from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainData } from '../detectorType';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import type { RegionProposalNetwork } from '../regionProposalNetwork';
import type { Report } from '../types';
import { augment, drawScale } from './augment';
import { descentOptions, parameterGroups, type SampledImage } from './fineTunePhase';
import type { JointTraining } from './jointTraining';
import { mapBatch, type MappedGroup } from './mapBatch';
import { regionLosses, type MultiTaskParts } from './multiTaskPhase';
import type { ResolvedTrainOptions } from './trainOptions';
import { validation } from './validation';

/** What a detector trained this way is made of. */
export interface JointParts extends MultiTaskParts {
  proposals: RegionProposalNetwork;
}

type JointDetector = GeneralizedRCNN<JointParts>;

/** An image, and what was sampled from it. */
interface JointImage extends SampledImage {
  anchors: AnchorTargets;
}

/** Approximate joint training (Faster R-CNN §3.2): the losses of both networks at once; proposals are constants. */
export function jointPhase(
  detector: JointDetector,
  data: TrainData,
  options: ResolvedTrainOptions,
): PhaseEntry<Report> {
  return {
    name: 'joint',
    create: () => {
      setDropoutRandom(detector.parts.head.model, options.random); // masks are part of what a resumed run repeats
      return new GradientDescent(joint(detector, data, options), descentOptions('joint', options));
    },
  };
}

function joint(
  detector: JointDetector,
  { dataset, table }: TrainData,
  options: ResolvedTrainOptions,
): LearningTask<JointImage[], Report> {
  return {
    items: table.indices,
    groups: parameterGroups(detector, options),
    variables: detector.variables(),
    nameOf: (index) => dataset.id(index),
    prepare: async (indices, random) => {
      const samples = await Promise.all(indices.map((index) => dataset.get(index)));
      const images: JointImage[] = [];
      const scale = drawScale(options.augment, random); // of the whole step: pictures of one size share a pass
      // One after the other: they draw from one generator.
      for (const sample of samples) {
        const view = augment({ sample, proposals: new Float32Array(0) }, options.augment, random);
        images.push(await sampleImage(detector, view.sample, scale, options));
      }
      return images;
    },
    losses: (images) => jointLosses(detector, images, options.loss),
    validate: validation(detector, options),
  };
}

/**
 * Proposes with the weights as they are, and draws anchors and regions. The maps are computed once more for the loss:
 * reading proposals in the middle of it would stall a GPU, which some engines can't do at all.
 */
async function sampleImage(
  detector: JointDetector,
  { image, truth }: Sample,
  scale: number,
  { batch: settings, random }: ResolvedTrainOptions,
): Promise<JointImage> {
  const { images: _, anchors: count = 256, proposals: maxProposals = 2000, ...sampling } = settings ?? {};
  const { regions = 512, ...rest } = sampling;
  const { transform, proposals: rpn, coder } = detector.parts;
  const { input, size } = transform.apply(image, { scale });
  const maps = detector.features(input);
  try {
    const objects = { ...truth, boxes: resizeBoxes(truth.boxes, { from: image, to: size }) };
    const anchors = sampleAnchors(rpn.anchors(maps).boxes, objects, { count, random });
    const proposals = await rpn.propose({ image, size, maps, maxProposals });
    const targets = sampleRegions(proposals, truth, { ...rest, count: regions, coder, random });
    return { image, scale, anchors, targets };
  } finally {
    tf.dispose([input, ...maps.map(({ map }) => map)]);
  }
}

/** The four losses of a batch; differentiable. */
export function jointLosses(
  { parts }: JointDetector,
  images: readonly JointImage[],
  { rpnBeta, ...options }: NonNullable<JointTraining['loss']> = {},
): LossTerms {
  const groups = mapBatch(parts, images);
  const rpn = proposalLosses(parts.proposals, groups, { beta: rpnBeta });
  const regions = regionLosses(parts, groups, { beta: 1 / 9, ...options });
  return { objectness: rpn.objectness, rpnBoxRegression: rpn.boxRegression, ...regions };
}

/** Over the anchors of all images: one row, however many each has. */
function proposalLosses(
  rpn: RegionProposalNetwork,
  groups: readonly MappedGroup<JointImage>[],
  options: { beta?: number },
) {
  const predicted = groups.map(({ maps }) => rpn.logits(maps));
  const objectness = tf.concat(
    predicted.map(({ objectness: some }) => tf.reshape(some, [1, -1])),
    1,
  );
  const offsets = tf.concat(
    predicted.map(({ offsets: some }) => tf.reshape(some, [1, -1, 4])),
    1,
  );
  const perImage = groups.flatMap(({ items }, i) =>
    items.map(({ anchors }) => ({ anchors, count: predicted[i]!.objectness.shape[1] })),
  );
  return rpnLoss(objectness as tf.Tensor2D, offsets as tf.Tensor3D, [joined(perImage)], options);
}

/** Targets of several images as if they were one. */
function joined(images: readonly { anchors: AnchorTargets; count: number }[]): AnchorTargets {
  const all = {
    positive: [] as number[],
    negative: [] as number[],
    boxTargets: [] as number[],
    positiveAnchors: [] as number[],
  };
  let start = 0;
  for (const { anchors, count } of images) {
    for (const i of anchors.positive) all.positive.push(start + i);
    for (const i of anchors.negative) all.negative.push(start + i);
    all.boxTargets.push(...anchors.boxTargets);
    all.positiveAnchors.push(...anchors.positiveAnchors);
    start += count;
  }
  return {
    positive: Int32Array.from(all.positive),
    negative: Int32Array.from(all.negative),
    boxTargets: Float32Array.from(all.boxTargets),
    positiveAnchors: Float32Array.from(all.positiveAnchors),
  };
}
