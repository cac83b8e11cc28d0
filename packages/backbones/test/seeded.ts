import type { StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { WeightSource } from '../src';
import { bindings } from '../src/sources/bindings';

// The twin of goldens/seeded.py: the same weights and inputs, bit by bit.

function fnv1a(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

/** `scale` times values in [-1, 1), plus `offset`, each step rounded to float32 as numpy rounds it. */
export function signed(name: string, count: number, scale = 1, offset = 0): Float32Array {
  const out = new Float32Array(count);
  const seed = fnv1a(name);
  const factor = Math.fround(scale);
  for (let i = 0; i < count; i++) {
    let h = (Math.imul(i, 0x9e3779b1) + seed) | 0;
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
    out[i] = Math.fround(((h >>> 8) * (2 / 2 ** 24) - 1) * factor) + offset;
  }
  return out;
}

/** One entry of a state dict, by its name. */
export function seededValues(key: string, shape: number[], gain: number): Float32Array {
  const count = shape.reduce((product, side) => product * side, 1);
  if (key.endsWith('running_var') || (shape.length === 1 && key.endsWith('weight')))
    return signed(key, count, 0.2, 1);
  if (shape.length === 1) return signed(key, count, 0.1);
  return signed(key, count, gain * Math.sqrt(6 / (count / shape[0]!)));
}

/** A state dict for the model under the names of `source`, as goldens/seeded.py draws it. */
export function seededStateDict(
  model: tfl.LayersModel,
  gain: number,
  source: WeightSource = 'torchvision',
): StateDict {
  const stateDict: StateDict = new Map();
  for (const { key, shape } of bindings(model, source).flatMap(({ parameters }) => parameters)) {
    stateDict.set(key, { dtype: 'float32', shape, data: seededValues(key, shape, gain) });
  }
  return stateDict;
}

/** `[batch, height, width, 3]`, of about unit variance. */
export function seededImages(batch: number, height: number, width: number): tf.Tensor4D {
  return tf.tensor4d(signed('input', batch * height * width * 3, 1.7), [batch, height, width, 3]);
}
