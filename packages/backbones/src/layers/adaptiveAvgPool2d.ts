import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { MapShape, SymbolicTensor } from '../options';

/** Row i holds 1/size over bin i, which covers ⌊i·n/bins⌋ … ⌈(i+1)·n/bins⌉ (SPP-net App. A); bins may overlap. */
function binWeights(bins: number, n: number): Float32Array {
  const weights = new Float32Array(bins * n);
  for (let i = 0; i < bins; i++) {
    const start = Math.floor((i * n) / bins);
    const end = Math.ceil(((i + 1) * n) / bins);
    weights.fill(1 / (end - start), i * n + start, i * n + end);
  }
  return weights;
}

/** `nn.AdaptiveAvgPool2d`: any map `[N, h, w, C]` to `[N, size, size, C]`, as two products with bin averages. */
class AdaptiveAvgPool2d extends tfl.layers.Layer {
  static className = 'AdaptiveAvgPool2d';
  private readonly size: number;

  constructor(config: { name?: string; size: number }) {
    super({ name: config.name });
    this.size = config.size;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const [batch, height, width, channels] = x.shape;
      const { size } = this;
      if (height === size && width === size) return x.clone();
      const rows = tf.tensor2d(binWeights(size, height), [size, height]);
      const columns = tf.tensor2d(binWeights(size, width), [size, width]);
      const byRow = tf.matMul(
        tf.tile(tf.expandDims(rows), [batch, 1, 1]),
        tf.reshape(x, [batch, height, -1]),
      );
      const byColumn = tf.reshape(byRow, [batch * size, width, channels]);
      const pooled = tf.matMul(tf.tile(tf.expandDims(columns), [batch * size, 1, 1]), byColumn);
      return tf.reshape(pooled, [batch, size, size, channels]);
    });
  }

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    const [batch, , , channels] = shape as MapShape;
    return [batch, this.size, this.size, channels];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), size: this.size };
  }
}
tf.serialization.registerClass(AdaptiveAvgPool2d);

export function adaptiveAvgPool2d(x: SymbolicTensor, name: string, size: number): SymbolicTensor {
  return new AdaptiveAvgPool2d({ name, size }).apply(x) as SymbolicTensor;
}
