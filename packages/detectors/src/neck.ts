import * as tfc from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-layers';

export interface NeckOptions {
  /** Channels of the backbone's maps, finest first. */
  inputChannels: readonly number[];
  /** Channels of the merged map. */
  channels: number;
  random: () => number;
}

/**
 * Lateral connections of a feature pyramid (Lin et al. 2017, §3): one 1×1 convolution a map, `lateral.0` for the finest.
 * Nothing is smoothed afterwards: RoI pooling averages the seams away.
 */
export function lateralConvs({ inputChannels, channels, random }: NeckOptions): tf.LayersModel {
  const inputs = inputChannels.map((count) => tf.input({ shape: [null, null, count] }));
  const outputs = inputs.map((input, i) => {
    const kernelInitializer = tf.initializers.heNormal({ seed: Math.floor(random() * 0x7fffffff) });
    const name = `lateral.${i}`;
    return tf.layers
      .conv2d({ filters: channels, kernelSize: 1, kernelInitializer, name })
      .apply(input) as tf.SymbolicTensor;
  });
  return tf.model({ inputs, outputs });
}

/** Top-down sum: each coarser map is upsampled to the finest one and added; then ReLU. */
export function mergeMaps(maps: readonly tfc.Tensor4D[]): tfc.Tensor4D {
  return tfc.tidy(() => {
    const finest = maps[0]!;
    const size: [number, number] = [finest.shape[1], finest.shape[2]];
    const merged = maps
      .slice(1)
      .reduce<tfc.Tensor4D>((sum, map) => tfc.add(sum, tfc.image.resizeBilinear(map, size)), finest);
    return tfc.relu(merged);
  });
}
