import * as tfc from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-layers';
import type { ReceptiveField } from './receptiveField';

export interface NeckOptions {
  /** Channels of the backbone's maps, finest first. */
  inputChannels: readonly number[];
  /** Channels of the merged map. */
  channels: number;
  /** Draws the initial weights; zeros without it, for weights that are loaded. */
  random?: () => number;
}

/**
 * Lateral connections of a feature pyramid (Lin et al. 2017, §3): one 1×1 convolution a map, `lateral.0` for the finest.
 * Their 3×3 convolution after the sum is left out: resampling is exact here, and RoI pooling smooths further.
 * N(0, .01) as Fast R-CNN's new layers (§2.3): He's, made for unit inputs, is six times that for maps of 512 channels
 * whose values are in the tens, and the head then starts from wild logits (docs/defaults.md).
 */
export function lateralConvs({ inputChannels, channels, random }: NeckOptions): tf.LayersModel {
  const inputs = inputChannels.map((count) => tf.input({ shape: [null, null, count] }));
  const outputs = inputs.map((input, i) => {
    const kernelInitializer = random
      ? tf.initializers.randomNormal({ mean: 0, stddev: 0.01, seed: Math.floor(random() * 0x7fffffff) })
      : tf.initializers.zeros();
    const name = `lateral.${i}`;
    return tf.layers
      .conv2d({ filters: channels, kernelSize: 1, kernelInitializer, name })
      .apply(input) as tf.SymbolicTensor;
  });
  return tf.model({ inputs, outputs });
}

/**
 * Top-down sum: each coarser map is resampled at the finest one's cell centres and added; then ReLU.
 * Bilinear, by where the cells look in the image, so that maps of unpadded layers meet where they should.
 */
export function mergeMaps(maps: readonly tfc.Tensor4D[], fields: readonly ReceptiveField[]): tfc.Tensor4D {
  return tfc.tidy(() => {
    const finest = maps[0]!;
    const sum = maps.slice(1).reduce<tfc.Tensor4D>((merged, map, i) => {
      const rows = interpolation(finest.shape[1], map.shape[1], fields[0]!, fields[i + 1]!);
      const columns = interpolation(finest.shape[2], map.shape[2], fields[0]!, fields[i + 1]!);
      return tfc.add(merged, resample(map, rows, columns));
    }, finest);
    return tfc.relu(sum);
  });
}

/** `[fine, coarse]`: row j weighs the two coarse cells around the centre of fine cell j; the ends are repeated. */
function interpolation(fine: number, coarse: number, from: ReceptiveField, to: ReceptiveField): tfc.Tensor2D {
  const weights = new Float32Array(fine * coarse);
  for (let j = 0; j < fine; j++) {
    const position = (from.stride * j + from.center - to.center) / to.stride;
    const clamped = Math.min(Math.max(position, 0), coarse - 1);
    const before = Math.floor(clamped);
    weights[j * coarse + before] = 1 - (clamped - before);
    if (before + 1 < coarse) weights[j * coarse + before + 1] = clamped - before;
  }
  return tfc.tensor2d(weights, [fine, coarse]);
}

/** Applies one matrix to the rows of each map `[N, h, w, C]` and one to its columns. */
function resample(maps: tfc.Tensor4D, rows: tfc.Tensor2D, columns: tfc.Tensor2D): tfc.Tensor4D {
  const [count, height, width, channels] = maps.shape;
  const flat = tfc.reshape(maps, [count, height, width * channels]);
  const byRow = tfc.matMul(tfc.expandDims(rows, 0), flat); // broadcast over the maps …
  const stacked = tfc.reshape(byRow, [count * rows.shape[0], width, channels]);
  const byColumn = tfc.matMul(tfc.expandDims(columns, 0), stacked); // … and over their rows
  return tfc.reshape(byColumn, [count, rows.shape[0], columns.shape[0], channels]);
}
