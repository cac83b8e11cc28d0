import type { Sample } from '@roikit/datasets';
import { resizeBoxes, type ImageSize } from '@roikit/geometry';
import { rpnLoss, sampleAnchors, sampleRegions, type AnchorTargets, type RegionTargets } from '@roikit/heads';
import type { RgbImage } from '@roikit/image';
import type { LearningTask, LossTerms, PhaseEntry } from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainData } from '../detectorType';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import { joined } from '../joined';
import type { AnchorPredictions, RegionProposalNetwork } from '../proposals/regionProposalNetwork';
import type { Report } from '../types';
import { fromViews } from './augment';
import { descentPhase, parameterGroups } from './descentPhase';
import type { JointTraining } from './jointTraining';
import { mapBatch, type MappedGroup } from './mapBatch';
import { regionLosses, type MultiTaskParts } from './multiTaskPhase';
import type { ResolvedTrainOptions, TrainOptions } from './trainOptions';
import { validation } from './validation';

/** What a detector trained this way is made of. */
export interface JointParts extends MultiTaskParts {
  proposals: RegionProposalNetwork;
}

type JointDetector = GeneralizedRCNN<JointParts>;

/** What a step learns from an image: anchors, and regions among the proposals. */
interface JointSamples {
  anchors: AnchorTargets;
  targets: RegionTargets;
}

/** A view of an image, and its samples where they are drawn already. */
export interface JointImage extends Sample {
  /** Times the size that the detector gives it. */
  scale?: number;
  samples?: JointSamples;
}

/** Approximate joint training (Faster R-CNN §3.2): the losses of both networks at once; proposals are constants. */
export function jointPhase(
  detector: JointDetector,
  data: TrainData,
  options: ResolvedTrainOptions,
): PhaseEntry<Report> {
  const { model } = detector.parts.head;
  return descentPhase('joint', joint(detector, data, options), { model, options });
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
      const drawing = { proposals: () => new Float32Array(0), options: options.augment, random };
      const images = await fromViews(dataset, indices, drawing, ({ sample, scale }): JointImage => ({
        ...sample,
        scale,
      }));
      return readsAtOnce() ? images : sampledAhead(detector, images, options);
    },
    losses: (images) => jointLosses(detector, images, options),
    validate: validation(detector, options),
  };
}

/** Whether values can be read in the middle of a step: WebGPU in Node has no way to. */
const readsAtOnce = () => tf.getBackend() !== 'webgpu';

/** Draws before the step, at the price of a pass of the backbone more. */
async function sampledAhead(
  detector: JointDetector,
  images: readonly JointImage[],
  options: ResolvedTrainOptions,
): Promise<JointImage[]> {
  const { transform, proposals: rpn } = detector.parts;
  const result: JointImage[] = [];
  // One after the other: they draw from one generator.
  for (const image of images) {
    const { input, size } = transform.apply(image.image, { scale: image.scale });
    const maps = detector.features(input);
    try {
      result.push({
        ...image,
        samples: drawSamples(detector, image, size, await rpn.predict(maps), options),
      });
    } finally {
      tf.dispose([input, ...maps.map(({ map }) => map)]);
    }
  }
  return result;
}

type SamplingOptions = Pick<TrainOptions, 'batch' | 'random'>;

/** Anchors, and regions among the proposals of the weights as they are. */
function drawSamples(
  { parts: { proposals: rpn, coder } }: JointDetector,
  { image, truth }: Sample,
  size: ImageSize,
  predictions: AnchorPredictions,
  { batch: settings, random }: SamplingOptions,
): JointSamples {
  const {
    images: _,
    anchors: count = 256,
    borderAnchors,
    proposals: maxProposals = 2000,
    regions = 512,
    ...sampling
  } = settings ?? {};
  const objects = { ...truth, boxes: resizeBoxes(truth.boxes, { from: image, to: size }) };
  const drawing = { count, borderAnchors, imageSize: size, random };
  const anchors = sampleAnchors(predictions.anchors.boxes, objects, drawing);
  const proposals = rpn.select(predictions, { image, size, maxProposals });
  return {
    anchors,
    targets: sampleRegions(proposals, truth, { ...sampling, count: regions, coder, random }),
  };
}

/** The four losses of a batch; differentiable but for the proposals, which are constants. */
export function jointLosses(
  detector: JointDetector,
  images: readonly JointImage[],
  options: SamplingOptions & Pick<JointTraining, 'loss'>,
): LossTerms {
  const { rpnBeta, ...loss } = options.loss ?? {};
  const { parts } = detector;
  const groups = mapBatch(parts, images).map((group) => {
    const predicted = parts.proposals.logits(group.maps);
    const items = withSamples(detector, group, predicted, options);
    return { ...group, items, predicted };
  });
  const rpn = proposalLosses(groups, { beta: rpnBeta });
  const regions = regionLosses(parts, groups, { beta: 1 / 9, ...loss });
  return { objectness: rpn.objectness, rpnBoxRegression: rpn.boxRegression, ...regions };
}

type SampledItem = JointSamples & { image: RgbImage };
type AnchorLogits = ReturnType<RegionProposalNetwork['logits']>;

/** The images of a group with samples of each. */
function withSamples(
  detector: JointDetector,
  { items, sizes, maps }: MappedGroup<JointImage>,
  { objectness, offsets }: AnchorLogits,
  options: SamplingOptions,
): SampledItem[] {
  const drawn = items.every(({ samples }) => samples);
  const [scores, boxes] = drawn ? [] : [objectness.dataSync(), offsets.dataSync()];
  const anchors = detector.parts.proposals.anchors(maps);
  const count = anchors.boxes.length / 4;
  return items.map((item, i) => {
    const predictions = () => ({
      objectness: scores!.subarray(i * count, (i + 1) * count) as Float32Array,
      offsets: boxes!.subarray(4 * i * count, 4 * (i + 1) * count) as Float32Array,
      anchors,
    });
    const samples = item.samples ?? drawSamples(detector, item, sizes[i]!, predictions(), options);
    return { image: item.image, ...samples };
  });
}

/** Over the anchors of all images: one row, however many each has. */
function proposalLosses(
  groups: readonly { items: readonly SampledItem[]; predicted: AnchorLogits }[],
  options: { beta?: number },
) {
  const predicted = groups.map((group) => group.predicted);
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
  return rpnLoss(objectness as tf.Tensor2D, offsets as tf.Tensor3D, [asOne(perImage)], options);
}

/** Targets of several images, with so many anchors each, as if they were one. */
function asOne(images: readonly { anchors: AnchorTargets; count: number }[]): AnchorTargets {
  let start = 0;
  const all = images.map(({ anchors, count }) => {
    const first = start;
    start += count;
    const moved = (indices: Int32Array) => indices.map((i) => first + i);
    return { ...anchors, positive: moved(anchors.positive), negative: moved(anchors.negative) };
  });
  return {
    positive: Int32Array.from(all.flatMap(({ positive }) => [...positive])),
    negative: Int32Array.from(all.flatMap(({ negative }) => [...negative])),
    boxTargets: joined(all.map(({ boxTargets }) => boxTargets)),
    positiveAnchors: joined(all.map(({ positiveAnchors }) => positiveAnchors)),
  };
}
