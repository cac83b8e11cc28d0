import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { seedOf } from './initializers';

export interface FeaturePyramidOptions {
  /** Channels of the backbone's maps, from the finest (C2) to the coarsest. */
  inChannels: readonly number[];
  /** Channels of every output. @default 256 FPN §3 */
  outChannels?: number;
  /** Batch norm after every convolution, which then has no bias. @default false; torchvision's v2 models have it */
  batchNorm?: boolean;
  /**
   * Whether one more level is made of every second cell of the last output (torchvision's `LastLevelMaxPool`, P6 of
   * the paper's §4.1).
   * @default true
   */
  lastLevel?: boolean;
  /** Source of the first weights. Without it kernels are zero, which is quick: right where weights are loaded next. */
  random?: () => number;
}

/**
 * Feature pyramid network (Lin et al. 2017, §3): each map through a 1×1 convolution (`inner_blocks`), plus the sum of
 * the coarser level, enlarged to its size by nearest neighbours; then a 3×3 convolution (`layer_blocks`). No activations.
 *
 * Inputs: maps `[N, hᵢ, wᵢ, inChannels[i]]`; outputs: maps `[N, hᵢ, wᵢ, outChannels]` and, with `lastLevel`,
 * `[N, ⌈h/2⌉, ⌈w/2⌉, outChannels]` of the last. Layers are named as torchvision's `FeaturePyramidNetwork`:
 * `inner_blocks.0.0`, `layer_blocks.0.0` …, their batch norms `….1`.
 */
export function featurePyramid(options: FeaturePyramidOptions): tfl.LayersModel {
  const { inChannels, outChannels = 256, batchNorm = false, lastLevel = true, random } = options;
  if (inChannels.length === 0 || ![...inChannels, outChannels].every((n) => Number.isInteger(n) && n >= 1)) {
    throw new RangeError(
      `featurePyramid: inChannels and outChannels must be positive integers, got [${inChannels.join(', ')}] and ${outChannels}`,
    );
  }
  const conv = { filters: outChannels, batchNorm, random };
  const inputs = inChannels.map((channels) => tfl.input({ shape: [null, null, channels] }));
  const laterals = inputs.map((map, i) => convolve(map, `inner_blocks.${i}`, { ...conv, kernelSize: 1 }));
  const sums = laterals.slice(-1);
  for (const lateral of laterals.slice(0, -1).toReversed()) {
    const enlarged = new ResizeNearestLike({}).apply([sums[0]!, lateral]) as tfl.SymbolicTensor;
    sums.unshift(tfl.layers.add().apply([lateral, enlarged]) as tfl.SymbolicTensor);
  }
  const outputs = sums.map((sum, i) => convolve(sum, `layer_blocks.${i}`, { ...conv, kernelSize: 3 }));
  if (lastLevel) {
    const subsample = tfl.layers.maxPooling2d({ poolSize: 1, strides: 2, name: 'pool' });
    outputs.push(subsample.apply(outputs.at(-1)!) as tfl.SymbolicTensor);
  }
  return tfl.model({ inputs, outputs });
}

interface ConvolveOptions {
  filters: number;
  kernelSize: number;
  batchNorm: boolean;
  random?: () => number;
}

function convolve(x: tfl.SymbolicTensor, name: string, options: ConvolveOptions): tfl.SymbolicTensor {
  const { filters, kernelSize, batchNorm, random } = options;
  const conv = tfl.layers.conv2d({
    name: `${name}.0`,
    filters,
    kernelSize,
    padding: 'same',
    useBias: !batchNorm,
    kernelInitializer: random ? kaimingUniform(random) : 'zeros',
  });
  const y = conv.apply(x) as tfl.SymbolicTensor;
  if (!batchNorm) return y;
  // PyTorch's ε; its momentum of .1 is .9 here.
  return tfl.layers
    .batchNormalization({ name: `${name}.1`, epsilon: 1e-5, momentum: 0.9 })
    .apply(y) as tfl.SymbolicTensor;
}

/** Kaiming's with a = 1, torchvision's: U(±√(3 / fan in)). */
function kaimingUniform(random: () => number) {
  return tfl.initializers.varianceScaling({
    scale: 1,
    mode: 'fanIn',
    distribution: 'uniform',
    seed: seedOf(random),
  });
}

/** `[x, like]` → x enlarged to the height and width of `like`; source index = ⌊dst · in/out⌋. */
class ResizeNearestLike extends tfl.layers.Layer {
  static className = 'ResizeNearestLike';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x, like] = inputs as [tf.Tensor4D, tf.Tensor4D];
    const [, height, width] = like.shape;
    const resize = (image: tf.Tensor4D) => tf.image.resizeNearestNeighbor(image, [height, width]);
    if (x.shape[0] === 1) return resize(x); // a split into one has no gradient in TensorFlow.js
    // One image at a time: TensorFlow.js's gradient on cpu mixes up the images of a batch.
    return tf.tidy(() => tf.concat((tf.split(x, x.shape[0]) as tf.Tensor4D[]).map(resize), 0));
  }

  override computeOutputShape(shapes: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [x, like] = shapes as [tfl.Shape, tfl.Shape];
    return [x[0]!, like[1]!, like[2]!, x[3]!];
  }
}
tf.serialization.registerClass(ResizeNearestLike);
