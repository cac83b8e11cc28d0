import * as tf from '@tensorflow/tfjs-layers';
import { normal } from './initializers';

export interface RpnHeadOptions {
  /** Channels of every map. */
  inChannels: number;
  /** A, anchors a cell. */
  numAnchors: number;
  /** 3×3 convolutions before the siblings. @default 1 Faster R-CNN §3.1; torchvision's v2 models have 2 */
  convDepth?: number;
  /** Channels of those convolutions. @default inChannels, as torchvision */
  hiddenChannels?: number;
  /** Source of the first weights. Without it kernels are zero, which is quick: right where weights are loaded next. */
  random?: () => number;
}

/**
 * The head of a region proposal network (Ren et al. 2015, §3.1): 3×3 convolutions with ReLU, then two sibling 1×1
 * convolutions.
 *
 * Input `[N, h, w, C]`, any h and w: the same head serves all levels of a pyramid. Outputs `[objectness, offsets]`:
 * logits `[N, h, w, A]` (sigmoid, as torchvision; the paper has a softmax over two) and box offsets `[N, h, w, 4A]`,
 * tx ty tw th of anchor 0, anchor 1 …: reshaped to `[N, h·w·A]` and `[N, h·w·A, 4]` their order is row, column, anchor.
 * Layers are named as torchvision's `RPNHead`: `conv.0.0` …, `cls_logits`, `bbox_pred`.
 */
export function rpnHead(options: RpnHeadOptions): tf.LayersModel {
  const { inChannels, numAnchors, convDepth = 1, hiddenChannels = inChannels, random } = options;
  for (const [name, value] of Object.entries({ inChannels, numAnchors, convDepth, hiddenChannels })) {
    if (!(Number.isInteger(value) && value >= 1)) {
      throw new RangeError(`rpnHead: ${name} must be an integer of at least 1, got ${value}`);
    }
  }
  const conv = (name: string, filters: number, kernelSize: number, activation: 'relu' | 'linear') =>
    // N(0, .01): §3.1.3 and torchvision.
    tf.layers.conv2d({
      name,
      filters,
      kernelSize,
      activation,
      padding: 'same',
      kernelInitializer: normal(0.01, random),
    });
  const input = tf.input({ shape: [null, null, inChannels] });
  let x = input;
  for (let i = 0; i < convDepth; i++) {
    x = conv(`conv.${i}.0`, hiddenChannels, 3, 'relu').apply(x) as tf.SymbolicTensor;
  }
  const objectness = conv('cls_logits', numAnchors, 1, 'linear').apply(x) as tf.SymbolicTensor;
  const offsets = conv('bbox_pred', 4 * numAnchors, 1, 'linear').apply(x) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: [objectness, offsets] });
}
