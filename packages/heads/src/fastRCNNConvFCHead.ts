import { dropout } from '@roikit/ops/layers';
import * as tf from '@tensorflow/tfjs-layers';
import { checkClasses, checkDropout, fastRCNNPredictor } from './fastRCNNPredictor';
import { normal, seedOf } from './initializers';

export interface FastRCNNConvFCHeadOptions {
  /** K, without the background. */
  numClasses: number;
  /** Shape of one region's features: [height, width, channels]. */
  inputShape: [number, number, number];
  /** Channels of the 3×3 convolutions. @default [256, 256, 256, 256] torchvision's v2 models */
  convs?: readonly number[];
  /** Widths of the fully connected layers. @default [1024] torchvision's v2 models */
  hidden?: readonly number[];
  /** Share of each fully connected layer's values that training drops. @default 0 as in torchvision */
  dropout?: number;
  /** Source of the first weights and then of dropout's masks, as of `fastRCNNHead`. Without it kernels are zero. */
  random?: () => number;
}

/**
 * The heavier head of torchvision's v2 models: 3×3 convolutions with batch norm and ReLU, fully connected layers, then
 * Fast R-CNN's two siblings. Inputs and outputs as `fastRCNNHead`.
 *
 * Layers are named as in torchvision's `FastRCNNConvFCHead`, a plain sequence: convolution i `i.0` and its batch norm
 * `i.1`, then the flattening, then `5` for the first fully connected layer after four convolutions.
 */
export function fastRCNNConvFCHead(options: FastRCNNConvFCHeadOptions): tf.LayersModel {
  const { numClasses, inputShape, convs = [256, 256, 256, 256], hidden = [1024], random } = options;
  const { dropout: rate = 0 } = options;
  checkClasses('fastRCNNConvFCHead', numClasses);
  checkDropout('fastRCNNConvFCHead', rate);
  const input = tf.input({ shape: [...inputShape] });
  let x = input;
  convs.forEach((filters, i) => (x = convolve(x, `${i}`, filters, random)));
  x = tf.layers.flatten().apply(x) as tf.SymbolicTensor;
  hidden.forEach((units, i) => {
    const name = `${convs.length + 1 + 2 * i}`; // in the sequence a flattening comes before, a ReLU after each
    const kernelInitializer = random ? tf.initializers.heNormal({ seed: seedOf(random) }) : 'zeros';
    x = tf.layers.dense({ name, units, activation: 'relu', kernelInitializer }).apply(x) as tf.SymbolicTensor;
    if (rate > 0) x = dropout(x, { name: `drop${name}`, rate, random });
  });
  return tf.model({ inputs: input, outputs: fastRCNNPredictor(x, { numClasses, random }) });
}

function convolve(
  x: tf.SymbolicTensor,
  name: string,
  filters: number,
  random?: () => number,
): tf.SymbolicTensor {
  // Kaiming's N(0, √(2 / fan out)), torchvision's; TensorFlow.js's own variance scaling cuts the tails off.
  const stddev = Math.sqrt(2 / (9 * filters));
  const layers = [
    tf.layers.conv2d({
      name: `${name}.0`,
      filters,
      kernelSize: 3,
      padding: 'same',
      useBias: false,
      kernelInitializer: normal(stddev, random),
    }),
    tf.layers.batchNormalization({ name: `${name}.1`, epsilon: 1e-5, momentum: 0.9 }), // PyTorch's ε; its momentum .1
    tf.layers.activation({ activation: 'relu' }),
  ];
  return layers.reduce((y, layer) => layer.apply(y) as tf.SymbolicTensor, x);
}
