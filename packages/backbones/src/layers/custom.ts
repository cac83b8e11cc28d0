import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { MapShape, SymbolicTensor } from '../options';

// Layers that TensorFlow.js does not have. Each is one function of one tensor that keeps the map's size.

function single(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(inputs) ? inputs[0]! : inputs;
}

/** relu6(x + 3) / 6, as PyTorch has it; TensorFlow.js's `hardSigmoid` is another function. */
const hardSigmoidOf = (x: tf.Tensor) => tf.div(tf.relu6(tf.add(x, 3)), 6);

class HardSigmoid extends tfl.layers.Layer {
  static className = 'HardSigmoid6';
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => hardSigmoidOf(single(inputs)));
  }
}
tf.serialization.registerClass(HardSigmoid);

class HardSwish extends tfl.layers.Layer {
  static className = 'HardSwish';
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.mul(single(inputs), hardSigmoidOf(single(inputs))));
  }
}
tf.serialization.registerClass(HardSwish);

export function hardSigmoid(x: SymbolicTensor, name: string): SymbolicTensor {
  return new HardSigmoid({ name }).apply(x) as SymbolicTensor;
}

/** x · hardSigmoid(x), MobileNet V3's activation. */
export function hardSwish(x: SymbolicTensor, name: string): SymbolicTensor {
  return new HardSwish({ name }).apply(x) as SymbolicTensor;
}

/** Channels `start` to `start + size`. */
class SliceChannels extends tfl.layers.Layer {
  static className = 'SliceChannels';
  private readonly start: number;
  private readonly size: number;

  constructor(config: { name?: string; start: number; size: number }) {
    super({ name: config.name });
    this.start = config.start;
    this.size = config.size;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = single(inputs) as tf.Tensor4D;
    return tf.slice4d(x, [0, 0, 0, this.start], [-1, -1, -1, this.size]);
  }

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    return [...shape.slice(0, -1), this.size];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), start: this.start, size: this.size };
  }
}
tf.serialization.registerClass(SliceChannels);

export function sliceChannels(x: SymbolicTensor, name: string, start: number, size: number): SymbolicTensor {
  return new SliceChannels({ name, start, size }).apply(x) as SymbolicTensor;
}

/** Krizhevsky's normalisation across `2·radius + 1` channels: x / (1 + α/n · Σ x²)^β, as Caffe and PyTorch have it. */
class LocalResponseNorm extends tfl.layers.Layer {
  static className = 'LocalResponseNorm';
  private readonly radius = 2; // n = 5, α = 1e-4, β = .75: the AlexNet paper's §3.3
  private readonly alpha = 1e-4;
  private readonly beta = 0.75;

  /** The sum over neighbour channels is a product with a band of ones: quick, with a gradient, on every backend. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = single(inputs);
      const channels = x.shape[3] as number;
      const ones = tf.ones([channels, channels]);
      const band = tf.linalg.bandPart(ones as tf.Tensor2D, this.radius, this.radius);
      const squares = tf.reshape(tf.square(x), [-1, channels]);
      const sums = tf.reshape(tf.matMul(squares, band as tf.Tensor2D), x.shape);
      const scale = tf.add(tf.mul(sums, this.alpha / (2 * this.radius + 1)), 1);
      return tf.div(x, tf.pow(scale, this.beta));
    });
  }
}
tf.serialization.registerClass(LocalResponseNorm);

export function localResponseNorm(x: SymbolicTensor, name: string): SymbolicTensor {
  return new LocalResponseNorm({ name }).apply(x) as SymbolicTensor;
}

/** Surrounds a map with a value no maximum takes, for pooling where values can be negative. */
class LowestPadding extends tfl.layers.Layer {
  static className = 'LowestPadding';
  private readonly padding: number;

  constructor(config: { name?: string; padding: number }) {
    super({ name: config.name });
    this.padding = config.padding;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const side: [number, number] = [this.padding, this.padding];
    return tf.pad4d(single(inputs) as tf.Tensor4D, [[0, 0], side, side, [0, 0]], -3e38);
  }

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    const [batch, height, width, channels] = shape as MapShape;
    const grown = (side: number | null) => (side === null ? null : side + 2 * this.padding);
    return [batch, grown(height), grown(width), channels];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), padding: this.padding };
  }
}
tf.serialization.registerClass(LowestPadding);

export function lowestPadding(x: SymbolicTensor, name: string, padding: number): SymbolicTensor {
  return new LowestPadding({ name, padding }).apply(x) as SymbolicTensor;
}
