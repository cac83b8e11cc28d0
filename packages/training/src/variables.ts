import { toFloat32, type StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables } from './parameter';

/** A copy of the variables' values, in TensorFlow.js's layouts. */
export async function readVariables(variables: NamedVariables): Promise<StateDict> {
  const state: StateDict = new Map();
  for (const [name, variable] of variables) {
    const data = ((await variable.data()) as Float32Array).slice();
    state.set(name, { dtype: 'float32', shape: variable.shape, data });
  }
  return state;
}

/** Puts values that `readVariables` read back. */
export function writeVariables(variables: NamedVariables, state: StateDict): void {
  for (const [name, variable] of variables) {
    const saved = state.get(name);
    if (saved?.data.length !== variable.size) {
      throw new RangeError(
        `train: expected ${variable.size} values of ${name}, got ${saved?.data.length ?? 'none'}`,
      );
    }
    tf.tidy(() => variable.assign(tf.tensor(toFloat32(saved), variable.shape)));
  }
}
