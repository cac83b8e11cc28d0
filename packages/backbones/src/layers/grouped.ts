import { channelShuffle, groupedConv2d } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { MapShape, SymbolicTensor } from '../options';

export interface GroupedConv2dConfig {
  name?: string;
  filters: number;
  kernelSize: [number, number];
  strides: [number, number];
  padding: 'same' | 'valid';
  groups: number;
  useBias: boolean;
  activation: 'relu' | 'relu6' | 'linear';
}

/** Convolution in `groups`: output group g sees only input group g. Kernel `[h, w, in / groups, out]`. */
class GroupedConv2d extends tfl.layers.Layer {
  static className = 'GroupedConv2d';
  readonly config: GroupedConv2dConfig;
  private kernel: tfl.LayerVariable | undefined;
  private bias: tfl.LayerVariable | undefined;

  constructor(config: GroupedConv2dConfig) {
    super({ name: config.name });
    this.config = config;
  }

  get strides(): [number, number] {
    return this.config.strides;
  }

  get padding(): 'same' | 'valid' {
    return this.config.padding;
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const { filters, groups, kernelSize, useBias } = this.config;
    const channels = (inputShape as number[])[3]!;
    if (channels % groups || filters % groups) {
      throw new RangeError(
        `${this.name}: ${groups} groups must divide both the ${channels} inputs and the ${filters} filters`,
      );
    }
    const zeros = tfl.initializers.zeros();
    const shape = [...kernelSize, channels / groups, filters];
    this.kernel = this.addWeight('kernel', shape, 'float32', zeros);
    if (useBias) this.bias = this.addWeight('bias', [filters], 'float32', zeros);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const { activation, groups, strides, padding: pad } = this.config;
      let y: tf.Tensor = groupedConv2d(x, this.kernel?.read() as tf.Tensor4D, { groups, strides, pad });
      if (this.bias) y = tf.add(y, this.bias.read());
      return activation === 'linear' ? y : activation === 'relu' ? tf.relu(y) : tf.relu6(y);
    });
  }

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    const { filters, kernelSize, padding, strides } = this.config;
    const side = (size: number | null, axis: 0 | 1) => {
      if (size === null) return null;
      return Math.ceil((padding === 'same' ? size : size - kernelSize[axis] + 1) / strides[axis]);
    };
    const [batch, height, width] = shape as MapShape;
    return [batch, side(height, 0), side(width, 1), filters];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.config };
  }
}
tf.serialization.registerClass(GroupedConv2d);

export function groupedConv2dLayer(x: SymbolicTensor, config: GroupedConv2dConfig): SymbolicTensor {
  return new GroupedConv2d(config).apply(x) as SymbolicTensor;
}

/** ShuffleNet's channel shuffle: channel i·n + j goes to j·groups + i. */
class ChannelShuffle extends tfl.layers.Layer {
  static className = 'ChannelShuffle';
  private readonly groups: number;

  constructor(config: { name?: string; groups: number }) {
    super({ name: config.name });
    this.groups = config.groups;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
    return channelShuffle(x, { groups: this.groups });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), groups: this.groups };
  }
}
tf.serialization.registerClass(ChannelShuffle);

export function channelShuffleLayer(x: SymbolicTensor, name: string, groups: number): SymbolicTensor {
  return groups === 1 ? x : (new ChannelShuffle({ name, groups }).apply(x) as SymbolicTensor);
}
