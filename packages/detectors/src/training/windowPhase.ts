import type { Dataset } from '@roikit/datasets';
import { softmaxLoss } from '@roikit/heads';
import type { LearningTask, PhaseEntry } from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import type { CroppedRegions } from '../regions/croppedRegions';
import type { TrainData } from '../detectorType';
import type { LinearHead } from '../head/linearHead';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import type { DetectorParts } from '../parts';
import type { Report } from '../types';
import type { AugmentOptions } from './augment';
import { descentPhase, parameterGroups } from './descentPhase';
import { mirror } from './mirror';
import type { ResolvedTrainOptions } from './trainOptions';
import { validation } from './validation';
import { WindowSampler, type Window } from './windowSampler';

export type WindowDetector = GeneralizedRCNN<
  DetectorParts & { regionFeatures: CroppedRegions; head: LinearHead }
>;

/** Of all windows that go through the network at a time: 128 of 227² want more than the 4 GB that wasm has. */
const PIXELS_AT_ONCE = 16 * 227 ** 2;

/** Pictures that are decoded at a time: a step may look at as many as it has windows. */
const PICTURES_AT_ONCE = 8;

interface WindowBatch {
  windows: readonly Window[];
  /** `[N, size, size, 3]` */
  crops: Float32Array;
  /** Share of the windows of its step. */
  share: number;
}

/**
 * The network trained as a classifier of windows that are drawn from the whole data set (R-CNN §2.3); boxes are left to the
 * regressors. A step has `batch.images` × `batch.regions` of them, and an epoch as many steps as if it took that many pictures
 * in turn.
 */
export function windowPhase(
  detector: WindowDetector,
  data: TrainData,
  options: ResolvedTrainOptions,
): PhaseEntry<Report> {
  const { model } = detector.parts.head;
  return descentPhase('fine-tune', windowTask(detector, data, options), { model, options });
}

function windowTask(
  detector: WindowDetector,
  { dataset, table }: TrainData,
  options: ResolvedTrainOptions,
): LearningTask<WindowBatch, Report> {
  const { images, regions = 128, positiveFraction, ...sampling } = options.batch;
  const { regionFeatures, head } = detector.parts;
  const sampler = new WindowSampler(table, sampling);
  return {
    items: table.indices,
    groups: parameterGroups(detector, options),
    variables: detector.variables(),
    nameOf: (index) => dataset.id(index),
    namesIn: ({ windows }) => [...new Set(windows.map(({ index }) => dataset.id(index)))],
    prepare: async (_, random) => {
      const windows = sampler.draw({ count: images * regions, positiveFraction }, random);
      const crops = await cropWindows(regionFeatures, dataset, windows);
      mirrorSome(crops, regionFeatures.size, options.augment, random);
      return { windows, crops, share: 1 };
    },
    isEmpty: ({ windows }) => windows.length === 0,
    shares: (batch) => sharesOf(batch, Math.max(1, Math.floor(PIXELS_AT_ONCE / regionFeatures.size ** 2))),
    losses: ({ windows, crops, share }) => {
      const { clsScore } = head.logits(regionFeatures.fromCrops(crops), { training: true });
      const labels = Int32Array.from(windows, ({ label }) => label);
      return { classification: tf.mul(softmaxLoss(clsScore, labels), share) };
    },
    validate: validation(detector, options),
  };
}

/** At most so many windows each; the loss is a mean over windows, so each counts by its share of them. */
function sharesOf({ windows, crops }: WindowBatch, most: number): WindowBatch[] {
  const pixels = crops.length / windows.length;
  return Array.from({ length: Math.ceil(windows.length / most) }, (_, i) => {
    const own = windows.slice(i * most, (i + 1) * most);
    const start = i * most * pixels;
    return {
      windows: own,
      crops: crops.subarray(start, start + own.length * pixels),
      share: own.length / windows.length,
    };
  });
}

/** What the windows show, in their order; a picture is let go as soon as its own are cut out. */
async function cropWindows(
  { crops: cut, size }: CroppedRegions,
  dataset: Dataset,
  windows: readonly Window[],
): Promise<Float32Array> {
  const pixels = 3 * size * size;
  const result = new Float32Array(windows.length * pixels);
  const byPicture = new Map<number, number[]>();
  for (const [i, { index }] of windows.entries()) byPicture.set(index, [...(byPicture.get(index) ?? []), i]);
  const pictures = [...byPicture];
  const cropPicture = async ([index, own]: [number, number[]]) => {
    const { image } = await dataset.get(index);
    for (const i of own) result.set(cut(image, windows[i]!.box), i * pixels);
  };
  for (let i = 0; i < pictures.length; i += PICTURES_AT_ONCE)
    await Promise.all(pictures.slice(i, i + PICTURES_AT_ONCE).map(cropPicture));
  return result;
}

/** Each crop as it is or mirrored. */
function mirrorSome(
  crops: Float32Array,
  size: number,
  { horizontalFlip = 0.5, verticalFlip = 0 }: AugmentOptions = {},
  random: () => number,
): void {
  const pixels = 3 * size * size;
  for (let start = 0; start < crops.length; start += pixels) {
    const crop = crops.subarray(start, start + pixels);
    if (random() < horizontalFlip) mirror(crop, size, 'horizontal');
    if (random() < verticalFlip) mirror(crop, size, 'vertical');
  }
}
