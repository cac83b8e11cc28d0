import type { StateDict } from '@roikit/weights';
import { toFloat32 } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

export interface SgdOptions {
  /** Share of the last step that the next repeats. @default 0.9 as every paper of these networks */
  momentum?: number;
  /** Pull towards 0 of kernels, not of biases and batch norms. @default 1e-4 ResNet's */
  weightDecay?: number;
}

interface Slot {
  name: string;
  variable: tf.Variable;
  velocity: tf.Variable;
  decays: boolean;
}

/** The variable inside a layer's weight. */
export function variableOf(weight: tfl.LayerVariable): tf.Variable {
  return (weight as unknown as { val: tf.Variable }).val;
}

/** SGD with momentum as PyTorch has it: v ← μv + g + λw, w ← w − ηv. */
export class Sgd {
  private readonly slots: Slot[];
  private readonly momentum: number;
  private readonly weightDecay: number;

  constructor(model: tfl.LayersModel, { momentum = 0.9, weightDecay = 1e-4 }: SgdOptions = {}) {
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    this.slots = model.trainableWeights.map((weight) => ({
      name: weight.originalName,
      variable: variableOf(weight),
      velocity: tf.tidy(() => tf.variable(tf.zeros(weight.shape as number[]), false)),
      decays: weight.shape.length > 1,
    }));
  }

  get variables(): tf.Variable[] {
    return this.slots.map(({ variable }) => variable);
  }

  step(gradients: tf.NamedTensorMap, learningRate: number): void {
    for (const { variable, velocity, decays } of this.slots) {
      tf.tidy(() => {
        const gradient = gradients[variable.name];
        const pulled = decays ? tf.add(gradient, tf.mul(variable, this.weightDecay)) : gradient;
        velocity.assign(tf.add(tf.mul(velocity, this.momentum), pulled));
        variable.assign(tf.sub(variable, tf.mul(velocity, learningRate)));
      });
    }
  }

  /** The velocities, for a checkpoint. */
  async state(): Promise<StateDict> {
    const state: StateDict = new Map();
    for (const { name, velocity } of this.slots) {
      const data = (await velocity.data()) as Float32Array;
      state.set(name, { dtype: 'float32', shape: velocity.shape, data: data.slice() });
    }
    return state;
  }

  restore(state: StateDict): void {
    for (const { name, velocity } of this.slots) {
      const saved = state.get(name);
      if (!saved) throw new RangeError(`trainClassifier: the checkpoint has no momentum of ${name}`);
      tf.tidy(() => velocity.assign(tf.tensor(toFloat32(saved), velocity.shape)));
    }
  }

  dispose(): void {
    for (const { velocity } of this.slots) velocity.dispose();
  }
}
