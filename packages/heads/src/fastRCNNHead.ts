import * as tf from '@tensorflow/tfjs-layers';

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
   * Dropout after each hidden layer while training.
   * @default 0 as in torchvision; VGG16's fc6 and fc7 were trained with 0.5
   */
  dropout?: number;
  /** Seeds the initial weights. */
  random: () => number;
}

/**
 * The head of Fast R-CNN (Girshick 2015, §2.1): region features → fc6, fc7 … → two sibling layers.
 *
 * Input `[R, h, w, C]`; outputs `[clsScore, bboxPred]`: logits `[R, K + 1]` (0 is background) and class-specific
 * box offsets `[R, 4(K + 1)]`, in the order tx ty tw th of class 0, class 1 … (those of class 0 are never used;
 * the paper's code keeps them, so do we). Layer names are torchvision's: `fc6`, `fc7`, `cls_score`, `bbox_pred`.
 */
export function fastRCNNHead(options: FastRCNNHeadOptions): tf.LayersModel {
  const { numClasses, inputShape, hidden = [1024], dropout = 0, random } = options;
  if (!Number.isInteger(numClasses) || numClasses < 1) {
    throw new RangeError(`fastRCNNHead: numClasses must be an integer of at least 1, got ${numClasses}`);
  }
  const seed = () => Math.floor(random() * 0x7fffffff);
  const input = tf.input({ shape: [...inputShape] });
  let x = tf.layers.flatten().apply(input) as tf.SymbolicTensor;
  hidden.forEach((units, i) => {
    const kernelInitializer = tf.initializers.heNormal({ seed: seed() });
    const name = `fc${6 + i}`;
    x = tf.layers.dense({ units, activation: 'relu', kernelInitializer, name }).apply(x) as tf.SymbolicTensor;
    if (dropout > 0) x = tf.layers.dropout({ rate: dropout, seed: seed() }).apply(x) as tf.SymbolicTensor;
  });
  // Standard deviations .01 and .001: §2.3.
  const sibling = (name: string, units: number, stddev: number) =>
    tf.layers
      .dense({
        name,
        units,
        kernelInitializer: tf.initializers.randomNormal({ mean: 0, stddev, seed: seed() }),
      })
      .apply(x) as tf.SymbolicTensor;
  const outputs = [
    sibling('cls_score', numClasses + 1, 0.01),
    sibling('bbox_pred', 4 * (numClasses + 1), 0.001),
  ];
  return tf.model({ inputs: input, outputs });
}
