import type { BoxCoder, Boxes, GroundTruth } from '@roikit/geometry';
import { labelRegions, regionTargets, type LabelRegionsOptions, type RegionTargets } from '@roikit/heads';
import type { TrainedUnits } from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { AugmentOptions } from './augment';
import type { SampleTable } from './sampleTable';

/** Of the offsets that a predictor learns, one number a column of it: `[4(K + 1)]`; 0 and 1 for the background. */
export interface BoxTargetStatistics {
  mean: Float32Array;
  std: Float32Array;
}

export interface BoxTargetOptions {
  numClasses: number;
  coder: BoxCoder;
  /** Each class by its own, as fast-rcnn's roidb.py, or all by the same. */
  normalize: 'perClass' | 'allClasses';
  batch?: LabelRegionsOptions;
  /** A mirrored picture mirrors its offsets. */
  augment?: AugmentOptions;
}

/** Deviations below this are of one example, or of targets that are all alike. */
const EPSILON = 1e-6;

/**
 * Mean and standard deviation of the box targets of all foreground among the training proposals and objects (Fast R-CNN
 * §2.3), over pictures as they are and mirrored.
 */
export function boxTargetStatistics(
  { indices, proposals, truths }: Pick<SampleTable, 'indices' | 'proposals' | 'truths'>,
  { numClasses, coder, normalize, batch, augment }: BoxTargetOptions,
): BoxTargetStatistics {
  const sums = new TargetSums(numClasses, normalize);
  for (const index of indices) {
    const regions = labelRegions(proposals.get(index) as Boxes, truths.get(index) as GroundTruth, batch);
    const foreground = [...regions.labels.keys()].filter((i) => regions.labels[i]! > 0);
    sums.add(regionTargets(regions, foreground, coder));
  }
  return sums.statistics(augment);
}

/** Counts, sums and sums of squares, in float64. */
class TargetSums {
  private readonly columns: number;
  private readonly together: boolean;
  private readonly counts: Float64Array;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;

  constructor(numClasses: number, normalize: BoxTargetOptions['normalize']) {
    this.columns = 4 * (numClasses + 1);
    this.together = normalize === 'allClasses';
    this.counts = new Float64Array(this.columns);
    this.sums = new Float64Array(this.columns);
    this.squares = new Float64Array(this.columns);
  }

  add({ labels, boxTargets }: RegionTargets): void {
    for (let i = 0; i < boxTargets.length; i++) {
      const column = this.source(4 * labels[i >> 2]! + (i & 3));
      const value = boxTargets[i]!;
      this.counts[column]!++;
      this.sums[column]! += value;
      this.squares[column]! += value * value;
    }
  }

  statistics({ horizontalFlip = 0.5, verticalFlip = 0 }: AugmentOptions = {}): BoxTargetStatistics {
    const mean = new Float32Array(this.columns);
    const std = new Float32Array(this.columns).fill(1);
    const signs = [1 - 2 * horizontalFlip, 1 - 2 * verticalFlip, 1, 1]; // mean sign of an offset, mirrored or not
    for (let column = 4; column < this.columns; column++) {
      const from = this.source(column);
      const count = this.counts[from]!;
      if (count === 0) continue;
      const own = (signs[column & 3]! * this.sums[from]!) / count;
      const deviation = Math.sqrt(Math.max(0, this.squares[from]! / count - own * own));
      mean[column] = own;
      if (deviation > EPSILON) std[column] = deviation;
    }
    return { mean, std };
  }

  /** Where the numbers of a column are gathered. */
  private source(column: number): number {
    return this.together ? 4 + (column & 3) : column;
  }
}

/** Targets of zero mean and unit variance; rows of background stay. */
export function normalizedTargets<Targets extends Pick<RegionTargets, 'labels' | 'boxTargets'>>(
  targets: Targets,
  { mean, std }: BoxTargetStatistics,
): Targets {
  const { labels } = targets;
  const boxTargets = targets.boxTargets.map((value, i) => {
    const column = 4 * labels[i >> 2]! + (i & 3);
    return (value - mean[column]!) / std[column]!;
  });
  return { ...targets, boxTargets };
}

/**
 * The predictor of normalised offsets: while it is trained its outputs are of zero mean and unit variance, where it is used
 * the statistics are folded into its weights, as fast-rcnn's `snapshot` does, so that a saved detector knows nothing of them.
 */
export function predictorUnits(model: LayersModel, { mean, std }: BoxTargetStatistics): TrainedUnits {
  const layer = model.getLayer('bbox_pred');
  let trained: tf.Tensor[] | undefined; // while the folded ones are in their place
  let entered = false;
  const set = (change: (kernel: tf.Tensor, bias: tf.Tensor) => tf.Tensor[]) =>
    tf.tidy(() => layer.setWeights(change(...(layer.getWeights() as [tf.Tensor, tf.Tensor]))));
  return {
    enter: ({ resumed } = { resumed: false }) => {
      if (trained) {
        layer.setWeights(trained);
        tf.dispose(trained);
        trained = undefined;
      } else if (!entered && !resumed) {
        set((kernel, bias) => [tf.div(kernel, std), tf.div(tf.sub(bias, mean), std)]);
      }
      entered = true;
    },
    leave: () => {
      if (!entered) return;
      entered = false;
      trained = layer.getWeights().map((weight) => weight.clone());
      set((kernel, bias) => [tf.mul(kernel, std), tf.add(tf.mul(bias, std), mean)]);
    },
    dispose: () => void tf.dispose(trained ?? []),
  };
}
