import { boxIou, gatherBoxes, nms, type Boxes } from '@roikit/geometry';
import { HardNegativeMiner, type HardNegativeMinerOptions, type HardNegativeMinerState } from '@roikit/heads';
import type { PhaseEntry } from '@roikit/training';
import type { StateDict, StateTensor } from '@roikit/weights';
import type * as tf from '@tensorflow/tfjs-core';
import type { TrainData } from '../detectorType';
import { joined } from '../joined';
import {
  doubles,
  evenly,
  row,
  fittingPhase,
  NormFitting,
  type Fitted,
  type Fitting,
  type FittingImage,
} from './fittingPhase';
import { objectsOf, positivesOf } from './objectsOf';
import type { SvmOptions } from './stagedTraining';
import type { SvmSoftmaxHead } from '../head/svmSoftmaxHead';

/** A detector whose head scores with SVMs. */
export type SvmDetector = Fitted<Pick<SvmSoftmaxHead, 'dimensions' | 'inputs' | 'setClassifiers'>>;

/** One linear SVM a class: objects against hard negatives, in one pass over the images (R-CNN §2.3, App. B). */
export function svmPhase(
  detector: SvmDetector,
  data: TrainData,
  options: SvmOptions = {},
): PhaseEntry<never> {
  const { head } = detector.parts;
  const inputs = (features: tf.Tensor) => head.inputs(features).classifiers;
  return fittingPhase('svm', { detector, data, inputs }, () => new SvmFitting(detector, options));
}

class SvmFitting implements Fitting {
  private readonly detector: SvmDetector;
  private readonly options: SvmOptions;
  private readonly norm: NormFitting;
  /** Features of each class's objects, image after image; moved into the miners when all are there. */
  private objects: Float32Array[][];
  private miners: HardNegativeMiner[] | undefined;

  constructor(detector: SvmDetector, options: SvmOptions) {
    this.detector = detector;
    this.options = options;
    this.norm = new NormFitting(detector.parts.head.dimensions.classifiers);
    this.objects = detector.config.classes.map(() => []);
  }

  get passes(): Fitting['passes'] {
    return [
      this.norm.pass,
      { task: 'objects', learn: (image) => this.gatherObjects(image) },
      { task: 'hard negatives', learn: (image) => this.mine(image) },
    ];
  }

  finish(): void {
    this.detector.parts.head.setClassifiers(this.takeMiners().map((miner) => miner.finish()));
  }

  state(): StateDict {
    const state = this.norm.state();
    const { classifiers: dimensions } = this.detector.parts.head.dimensions;
    for (const [k, rows] of this.objects.entries())
      state.set(`objects.${k}`, matrix(joined(rows), dimensions));
    for (const [k, miner] of (this.miners ?? []).entries()) {
      const { examples, counts, weights, scalars } = miner.state();
      state.set(`miner.${k}.examples`, matrix(examples, dimensions));
      state.set(`miner.${k}.counts`, { dtype: 'int32', shape: [counts.length], data: counts });
      state.set(`miner.${k}.weights`, { dtype: 'float32', shape: [weights.length], data: weights });
      state.set(`miner.${k}.scalars`, row(scalars));
    }
    return state;
  }

  restore(state: StateDict): void {
    this.norm.restore(state);
    this.objects = this.objects.map((_, k) => [state.get(`objects.${k}`)?.data as Float32Array]);
    if (!state.has('miner.0.counts')) return;
    this.miners = this.objects.map((_, k) => {
      const of = (name: string) => state.get(`miner.${k}.${name}`)?.data;
      const saved = Object.fromEntries(['examples', 'counts', 'weights'].map((name) => [name, of(name)]));
      const scalars = doubles(state, `miner.${k}.scalars`);
      return HardNegativeMiner.restore(
        { ...(saved as Omit<HardNegativeMinerState, 'scalars'>), scalars },
        this.minerOptions(k),
      );
    });
  }

  private async gatherObjects({ truth, read }: FittingImage): Promise<void> {
    for (const [k, rows] of this.objects.entries()) {
      const own = positivesOf(truth, k + 1);
      if (own.length > 0) rows.push(await read(gatherBoxes(truth.boxes, own)));
    }
  }

  private async mine({ truth, proposals: all, read }: FittingImage): Promise<void> {
    const proposals = evenly(all, this.options.regions);
    const features = await read(proposals);
    for (const [k, miner] of this.takeMiners().entries()) {
      // Difficult objects and crowds are no positives, but what shows one is no negative either.
      const overlaps = bestOverlaps(proposals, gatherBoxes(truth.boxes, objectsOf(truth, k + 1)));
      miner.add(features, this.thinned(proposals, overlaps));
    }
  }

  private takeMiners(): HardNegativeMiner[] {
    this.miners ??= this.objects.map((rows, k) => new HardNegativeMiner(joined(rows), this.minerOptions(k)));
    this.objects = this.objects.map(() => []);
    return this.miners;
  }

  private minerOptions(seed: number): HardNegativeMinerOptions {
    const { featureNorm, negativeNms: _, regions: __, ...options } = this.options;
    const { classifiers: dimensions } = this.detector.parts.head.dimensions;
    return { ...options, dimensions, featureScale: this.norm.norm.scale(featureNorm), seed };
  }

  /** Overlaps, with those of negatives beside another one at 1: they are passed over. */
  private thinned(proposals: Boxes, overlaps: Float32Array): Float32Array {
    const { negativeNms, negativeIou = 0.3 } = this.options;
    if (negativeNms === undefined) return overlaps;
    const negatives = [...overlaps.keys()].filter((i) => (overlaps[i] as number) < negativeIou);
    const scores = new Float32Array(negatives.length); // all alike: the first wins
    const kept = nms(gatherBoxes(proposals, negatives), scores, { iouThreshold: negativeNms });
    const result = new Float32Array(overlaps.length).fill(1);
    for (const i of kept) result[negatives[i] as number] = overlaps[negatives[i] as number] as number;
    return result;
  }
}

/** Each region's best IoU with an object; 0 where there is none. */
function bestOverlaps(regions: Boxes, objects: Boxes): Float32Array {
  const count = regions.length / 4;
  const best = new Float32Array(count);
  boxIou(objects, regions).forEach((iou, i) => (best[i % count] = Math.max(best[i % count] as number, iou)));
  return best;
}

function matrix(data: Float32Array, columns: number): StateTensor {
  return { dtype: 'float32', shape: [data.length / columns, columns], data };
}
