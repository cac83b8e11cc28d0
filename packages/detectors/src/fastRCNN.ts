import { featureExtractor, freezeBatchNorm } from '@roikit/backbones';
import { BoxCoder, type Boxes, type Detections, type ImageSize, type RgbImage } from '@roikit/geometry';
import {
  fastRCNNHead,
  fastRCNNLoss,
  postprocessDetections,
  type FastRCNNLossOptions,
  type RegionTargets,
} from '@roikit/heads';
import { roiPool } from '@roikit/ops';
import { selectiveSearch } from '@roikit/proposals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { backboneNamed } from './backbones';
import type { DetectorConfig } from './config';
import { lateralConvs, mergeMaps } from './neck';
import { freezeThrough } from './parameters';
import { receptiveField, type ReceptiveField } from './receptiveField';
import { resizeBoxes, transformImage } from './transform';
import type { DetectOptions, StageTimings, TimedDetections } from './types';

/**
 * Fast R-CNN (Girshick, ICCV 2015): one pass of the backbone over the image, one feature map, and for each proposal
 * RoI max pooling, fully connected layers, class scores and class-specific box offsets.
 */
export class FastRCNN {
  readonly config: DetectorConfig;
  /** Image → maps, finest first. */
  readonly backbone: LayersModel;
  /** Maps → maps of equal channels; null where one map is used as it is. */
  readonly neck: LayersModel | null;
  /** Region features → scores and offsets. */
  readonly head: LayersModel;
  /** Where the cells of each map look. */
  private readonly fields: ReceptiveField[];
  /** Turns box offsets into boxes and back. */
  readonly coder: BoxCoder;

  constructor(config: DetectorConfig, { random }: { random: () => number }) {
    this.config = config;
    const { build } = backboneNamed(config.backbone.name);
    const trunk = build({ inputShape: [null, null, 3], includeTop: false, random });
    this.backbone = featureExtractor(trunk, { layer: config.backbone.layers });
    freezeBatchNorm(this.backbone); // a few images give no statistics
    if (config.backbone.frozenThrough !== null) freezeThrough(this.backbone, config.backbone.frozenThrough);
    const channels = this.backbone.outputs.map(({ shape }) => shape.at(-1)!);
    this.neck =
      config.neck && lateralConvs({ inputChannels: channels, channels: config.neck.channels, random });
    this.head = fastRCNNHead({
      numClasses: config.classes.length,
      inputShape: [...config.regions.outputSize, config.neck?.channels ?? channels[0]!],
      ...config.head,
      random,
    });
    this.fields = this.backbone.outputs.map(receptiveField);
    this.coder = new BoxCoder({ weights: config.boxCoder.weights });
  }

  /** Objects in an image, best first; boxes in its pixels. */
  async detect(image: RgbImage, options: DetectOptions = {}): Promise<TimedDetections> {
    const clock = stageClock();
    const proposals = options.proposals ?? this.propose(image);
    clock.lap('proposals');
    const input = transformImage(image, this.config.transform);
    clock.lap('transform');
    const features = tf.tidy(() => this.features(input));
    clock.lap('backbone');
    const [scores, offsets] = tf.tidy(() => {
      const regions = resizeBoxes(proposals, image, sizeOf(input));
      const [clsScore, bboxPred] = this.predict(features, [regions]);
      return [tf.softmax(clsScore), bboxPred];
    }) as [tf.Tensor2D, tf.Tensor2D];
    const predictions = { scores: await scores.data(), boxOffsets: await offsets.data() } as Predictions;
    clock.lap('head');
    tf.dispose([input, features, scores, offsets]);
    const detections = this.postprocess(predictions, proposals, image, options);
    clock.lap('postprocess');
    return { ...detections, timings: clock.timings };
  }

  /** Slot 1: regions that may hold an object. */
  propose(image: RgbImage): Boxes {
    const { proposals } = this.config;
    if (proposals === 'precomputed') {
      throw new TypeError(
        "detect: this detector was made with proposals: 'precomputed', pass them as options.proposals",
      );
    }
    return selectiveSearch(image, proposals).boxes;
  }

  /** The multi-task loss of a batch's sampled regions; differentiable. Images of one size share a pass. */
  losses(batch: readonly TrainInput[], options?: FastRCNNLossOptions): ReturnType<typeof fastRCNNLoss> {
    const inputs = batch.map(({ image, targets }) => {
      const input = transformImage(image, this.config.transform);
      return { input, regions: resizeBoxes(targets.boxes, image, sizeOf(input)), targets };
    });
    const groups = groupBySize(inputs);
    const outputs = groups.map((group) => {
      const features = this.features(tf.concat(group.map(({ input }) => input)));
      const regions = group.map((one) => one.regions);
      return this.predict(features, regions, { training: true });
    });
    const [clsScore, bboxPred] = [0, 1].map((i) => tf.concat(outputs.map((output) => output[i]!)));
    const targets = groups.flat().map((one) => one.targets);
    const labels = Int32Array.from(targets.flatMap((target) => [...target.labels]));
    const boxTargets = Float32Array.from(targets.flatMap((target) => [...target.boxTargets]));
    return fastRCNNLoss(clsScore as tf.Tensor2D, bboxPred as tf.Tensor2D, { labels, boxTargets }, options);
  }

  dispose(): void {
    for (const model of [this.backbone, this.neck, this.head]) model?.dispose();
  }

  private features(input: tf.Tensor4D): tf.Tensor4D {
    const maps = [this.backbone.apply(input) as tf.Tensor | tf.Tensor[]].flat() as tf.Tensor4D[];
    if (this.neck === null) return maps[0]!;
    return mergeMaps([this.neck.apply(maps) as tf.Tensor | tf.Tensor[]].flat() as tf.Tensor4D[], this.fields);
  }

  /** Slot 2, region features by RoI max pooling, and the head. `regions`: each image's, in pixels of the backbone's input. */
  private predict(
    features: tf.Tensor4D,
    regions: readonly Boxes[],
    { training = false } = {},
  ): [tf.Tensor2D, tf.Tensor2D] {
    const { stride, center } = this.fields[0]!;
    // roiPool takes cell i to be centred on stride · (i + ½).
    const shift = center - stride / 2;
    const boxes = tf.concat(
      regions.map((some) =>
        tf.tensor2d(
          some.map((value) => value - shift),
          [some.length / 4, 4],
        ),
      ),
    );
    const images = regions.flatMap(({ length }, i) => Array.from({ length: length / 4 }, () => i));
    const pooled = roiPool(features, boxes, tf.tensor1d(images, 'int32'), {
      outputSize: this.config.regions.outputSize,
      spatialScale: 1 / stride,
    });
    return this.head.apply(pooled, { training }) as [tf.Tensor2D, tf.Tensor2D];
  }

  private postprocess(
    { scores, boxOffsets }: Predictions,
    proposals: Boxes,
    image: ImageSize,
    options: DetectOptions,
  ): Detections {
    const { scoreThreshold, maxDetections } = options;
    const overrides = {
      ...(scoreThreshold !== undefined && { scoreThreshold }),
      ...(maxDetections !== undefined && { maxDetections }),
    };
    const settings = { ...this.config.postprocess, ...overrides, coder: this.coder };
    return postprocessDetections({ scores, boxOffsets, proposals, imageSize: image }, settings);
  }
}

/** An image and the regions sampled from it. */
export interface TrainInput {
  image: RgbImage;
  targets: RegionTargets;
}

interface Predictions {
  /** `[R, K + 1]` probabilities. */
  scores: Float32Array;
  /** `[R, 4(K + 1)]` */
  boxOffsets: Float32Array;
}

/** Inputs of one size together, in the order of their first. */
function groupBySize<Item extends { input: tf.Tensor4D }>(items: readonly Item[]): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const size = item.input.shape.join('×');
    groups.set(size, [...(groups.get(size) ?? []), item]);
  }
  return [...groups.values()];
}

function sizeOf(input: tf.Tensor4D): ImageSize {
  return { height: input.shape[1], width: input.shape[2] };
}

function stageClock(): { timings: StageTimings; lap: (stage: keyof StageTimings) => void } {
  const timings: StageTimings = { proposals: 0, transform: 0, backbone: 0, head: 0, postprocess: 0 };
  let last = performance.now();
  const lap = (stage: keyof StageTimings) => {
    const now = performance.now();
    timings[stage] = now - last;
    last = now;
  };
  return { timings, lap };
}
