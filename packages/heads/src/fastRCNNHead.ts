import { dropout } from '@roikit/ops/layers';
import * as tf from '@tensorflow/tfjs-layers';
import { checkClasses, checkDropout, fastRCNNPredictor } from './fastRCNNPredictor';
import { seedOf } from './initializers';

export interface FastRCNNHeadOptions {
  /** K, without the background. */
  numClasses: number;
  /** Shape of one region's features: [height, width, channels]. */
  inputShape: [number, number, number];
  /**
   * Widths of the fully connected layers fc6, fc7 …
   * @default [1024] one layer of torchvision's TwoMLPHead width; VGG16's own are [4096, 4096]
   */
  hidden?: readonly number[];
  /**
   * Layers that are two, by name: `{ fc6: t }` makes fc6 of t units without bias or activation, and then of its own (Fast
   * R-CNN §3.1). `truncatedSvd` finds their weights.
   * @default none
   */
  ranks?: Readonly<Record<string, number>>;
  /**
   * Share of each hidden layer's values that training drops.
   * @default 0 as in torchvision; VGG16's fc6 and fc7 were trained with 0.5
   */
  dropout?: number;
  /**
   * Source of the initial weights and then of dropout's masks, a new one each step (`setDropoutRandom` of
   * `@roikit/ops/layers` exchanges it). Without it kernels are zero, which is quick: right where weights are loaded next;
   * dropout then needs `setDropoutRandom` before training.
   */
  random?: () => number;
}

/**
 * The head of Fast R-CNN (Girshick 2015, §2.1): region features → fc6, fc7 … → two sibling layers.
 *
 * Input `[R, h, w, C]`; outputs `[clsScore, bboxPred]`: logits `[R, K + 1]` (0 is background) and class-specific
 * box offsets `[R, 4(K + 1)]`, in the order tx ty tw th of class 0, class 1 … (those of class 0 are never used;
 * the paper's code keeps them, so do we). Layer names are torchvision's: `fc6`, `fc7`, `cls_score`, `bbox_pred`.
 */
export function fastRCNNHead(options: FastRCNNHeadOptions): tf.LayersModel {
  const { numClasses, inputShape, hidden = [1024], ranks = {}, dropout: rate = 0, random } = options;
  checkClasses('fastRCNNHead', numClasses);
  checkDropout('fastRCNNHead', rate);
  checkRanks(ranks, hidden);
  const input = tf.input({ shape: [...inputShape] });
  let x = tf.layers.flatten().apply(input) as tf.SymbolicTensor;
  hidden.forEach((units, i) => {
    const kernelInitializer = random ? tf.initializers.heNormal({ seed: seedOf(random) }) : 'zeros';
    const name = `fc${6 + i}`;
    const rank = ranks[name];
    if (rank !== undefined) {
      const first = { units: rank, useBias: false, kernelInitializer, name: `${name}.0` };
      x = tf.layers.dense(first).apply(x) as tf.SymbolicTensor;
    }
    const own = {
      units,
      activation: 'relu' as const,
      kernelInitializer,
      name: rank === undefined ? name : `${name}.1`,
    };
    x = tf.layers.dense(own).apply(x) as tf.SymbolicTensor;
    if (rate > 0) x = dropout(x, { name: `drop${6 + i}`, rate, random });
  });
  return tf.model({ inputs: input, outputs: fastRCNNPredictor(x, { numClasses, random }) });
}

/** A rank of no layer would be ignored. */
function checkRanks(ranks: Readonly<Record<string, number>>, hidden: readonly number[]): void {
  const names = hidden.map((_, i) => `fc${6 + i}`);
  const wrong = Object.entries(ranks).find(
    ([name, rank]) => !names.includes(name) || !Number.isInteger(rank) || rank < 1,
  );
  if (wrong === undefined) return;
  throw new RangeError(
    `fastRCNNHead: ranks must name hidden layers (${names.join(', ') || 'there are none'}) ` +
      `with a whole number from 1 on each, got ${wrong.join(': ')}`,
  );
}
