import type { Boxes } from '@roikit/geometry';
import type { RegionPredictions } from '@roikit/heads';
import type { RgbImage } from '@roikit/image';
import type { NamedVariables } from '@roikit/training';
import { assertFinite, type StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import { combinedPart } from './combinedPart';
import type { BaseConfig } from './config';
import type { ScoreKind } from './postprocess/leastScores';
import type { DetectorParts, FeatureMap, Part, RegionContext, TransformedImage } from './parts';
import { distinctRegions, expandRows } from './regions/distinctRegions';
import { checkProposals } from './proposals/checkProposals';
import { StageClock } from './stageClock';
import type { Detector, DetectOptions, StageEvent, TimedDetections } from './types';

/**
 * A two-stage detector: transform → backbone → proposals → region features → head → postprocess. What kind it is, its
 * parts decide.
 */
export class GeneralizedRCNN<Parts extends DetectorParts = DetectorParts> implements Detector {
  readonly config: BaseConfig;
  readonly parts: Parts;
  /** Whether it was made with weights, ImageNet's or a detector's: `train` changes such a backbone less than a random one. */
  pretrained = false;
  private readonly weighted: Part;
  private disposed = false;

  constructor(config: BaseConfig, parts: Parts) {
    this.config = config;
    this.parts = parts;
    this.weighted = combinedPart(weightedParts(parts));
  }

  get scores(): ScoreKind {
    return this.parts.head.scores ?? 'probability';
  }

  /** Objects in an image, best first, in its pixels; in many images, in their order. */
  detect(image: RgbImage, options?: DetectOptions): Promise<TimedDetections>;
  detect(images: readonly RgbImage[], options?: DetectOptions): Promise<TimedDetections[]>;
  async detect(images: RgbImage | readonly RgbImage[], options: DetectOptions = {}) {
    if (!isList(images)) return this.detectOne(images, options);
    const results: TimedDetections[] = [];
    for (const image of images) results.push(await this.detectOne(image, options));
    return results;
  }

  /**
   * The same, stage by stage, for those who want to look inside. What an event holds is valid until the next one is asked
   * for; ending early frees everything.
   */
  async *stages(image: RgbImage, options: DetectOptions = {}): AsyncGenerator<StageEvent, TimedDetections> {
    this.checkUse(options);
    const { transform, proposals, postprocess } = this.parts;
    const clock = new StageClock({ exact: options.exactTimings });
    let input: TransformedImage | undefined;
    let maps: FeatureMap[] = [];
    try {
      input = transform?.apply(image);
      if (input) {
        await clock.lap('transform', input.input);
        yield { type: 'transform', input };

        maps = this.features(input.input);
        await clock.lap('backbone', maps.at(-1)?.map);
        yield { type: 'maps', maps };
      }
      const size = input?.size ?? image;
      const boxes = checkProposals(
        'detect',
        options.proposals ?? (await proposals.propose({ image, size, maps })),
      );
      await clock.lap('proposals');
      yield { type: 'proposals', boxes };

      const predictions = await this.predict({ images: [image], sizes: [size], maps }, boxes, clock);
      yield { type: 'predictions', predictions };

      const detections = postprocess.apply(predictions, options);
      await clock.lap('postprocess');
      const timed = { ...detections, timings: clock.timings };
      yield { type: 'detections', detections: timed };
      return timed;
    } finally {
      tf.dispose([...(input ? [input.input] : []), ...maps.map(({ map }) => map)]);
    }
  }

  /** Slot 1 on its own: regions of an image that may hold an object. */
  async propose(image: RgbImage): Promise<Boxes> {
    const { proposals } = this.parts;
    if (!proposals.needsMaps) return proposals.propose({ image, size: image, maps: [] });
    const { context, dispose } = this.contextOf(image);
    try {
      return await proposals.propose({ image, size: context.sizes[0]!, maps: context.maps });
    } finally {
      dispose();
    }
  }

  /** An image on its way to the regions: transformed, and its maps. The caller disposes them. */
  contextOf(image: RgbImage): { context: RegionContext; dispose: () => void } {
    const input = this.parts.transform?.apply(image);
    let maps: FeatureMap[] = [];
    const dispose = () => tf.dispose([...(input ? [input.input] : []), ...maps.map(({ map }) => map)]);
    try {
      if (input) maps = this.features(input.input);
    } catch (error) {
      dispose();
      throw error;
    }
    return { context: { images: [image], sizes: [input?.size ?? image], maps }, dispose };
  }

  /** Images → maps, for detection: not differentiable; none where the detector shares none between regions. The caller disposes them. */
  features(input: tf.Tensor4D): FeatureMap[] {
    const { backbone } = this.parts;
    if (backbone === undefined) return [];
    let maps: FeatureMap[] = [];
    tf.tidy(() => {
      maps = backbone.features(input, { inference: true });
      return maps.map(({ map }) => map);
    });
    return maps;
  }

  /** All weights: `backbone.body.features.0.weight`, `head.fc6.bias` … */
  stateDict(): Promise<StateDict> {
    return this.weighted.stateDict();
  }

  /** Sets all weights. RangeError that names what does not fit or is not finite. */
  load(state: StateDict): void {
    assertFinite(state, "the detector's weights");
    this.weighted.load(state);
  }

  /** What training changes. */
  variables(): NamedVariables {
    return this.weighted.variables();
  }

  /** Frees its weights. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.weighted.dispose();
  }

  /** Objects in an image, and the boxes that were looked at. */
  async detectWithProposals(
    image: RgbImage,
    options: DetectOptions = {},
  ): Promise<TimedDetections & { proposals: Boxes }> {
    const stages = this.stages(image, options);
    let proposals: Boxes = new Float32Array();
    for (;;) {
      const { done, value } = await stages.next();
      if (done) return { ...value, proposals };
      if (value.type === 'proposals') proposals = value.boxes;
    }
  }

  private checkUse({ scoreThreshold = 0 }: DetectOptions): void {
    if (this.disposed)
      throw new Error('detect: the detector is disposed; load it again, or dispose it later');
    // No score is above NaN: nothing would be found, without a word.
    if (typeof scoreThreshold !== 'number' || Number.isNaN(scoreThreshold))
      throw new RangeError(`detect: scoreThreshold must be a number, got ${scoreThreshold}`);
  }

  private async detectOne(image: RgbImage, options: DetectOptions): Promise<TimedDetections> {
    const { proposals: _, ...detections } = await this.detectWithProposals(image, options);
    return detections;
  }

  /**
   * What `read` makes of regions' features, one row a region, in chunks of bounded memory.
   *
   * @returns the rows of each tensor that `read` gives; nothing where there is no region
   */
  async readRegions(
    context: RegionContext,
    boxes: Boxes,
    read: (features: tf.Tensor) => tf.Tensor2D[],
    clock?: StageClock,
  ): Promise<Float32Array[]> {
    const { regionFeatures } = this.parts;
    const count = boxes.length / 4;
    const results: Float32Array[] = [];
    for (let start = 0; start < count; start += regionFeatures.regionsAtOnce) {
      const chunk = boxes.subarray(4 * start, 4 * (start + regionFeatures.regionsAtOnce));
      const features = tf.tidy(() => regionFeatures.apply(context, [chunk]));
      let tensors: tf.Tensor2D[] = [];
      try {
        await clock?.lap('regions', features);
        tensors = tf.tidy(() => read(features));
        features.dispose(); // the largest of all, before what is waited for
        for (const [i, tensor] of tensors.entries()) {
          const width = tensor.shape[1];
          results[i] ??= new Float32Array(count * width);
          results[i].set((await tensor.data()) as Float32Array, start * width);
        }
      } finally {
        tf.dispose([features, ...tensors]);
      }
      await clock?.lap('head');
    }
    return results;
  }

  private async predict(
    context: RegionContext,
    proposals: Boxes,
    clock: StageClock,
  ): Promise<RegionPredictions> {
    const none = new Float32Array(0);
    const read = (features: tf.Tensor) => {
      const predicted = this.parts.head.predict(features);
      return [predicted.scores, predicted.boxOffsets];
    };
    const cells = this.parts.regionFeatures.cells?.(context, proposals);
    const distinct = cells && distinctRegions(proposals, cells);
    const rows = await this.readRegions(context, distinct?.boxes ?? proposals, read, clock);
    const [scores = none, boxOffsets = none] = distinct
      ? rows.map((some) => expandRows(some, distinct))
      : rows;
    const { width, height } = context.images[0]!;
    return { scores, boxOffsets, proposals, imageSize: { width, height } };
  }
}

function isList(images: RgbImage | readonly RgbImage[]): images is readonly RgbImage[] {
  return Array.isArray(images);
}

function weightedParts(parts: DetectorParts): Record<string, Part> {
  return Object.fromEntries(
    Object.entries(parts).filter(([, part]) => part !== undefined && 'stateDict' in part),
  );
}
