import type * as tf from '@tensorflow/tfjs-core';

/** Variables by the name they have in a state dict. */
export type NamedVariables = ReadonlyMap<string, tf.Variable>;

/** Variables that share a learning rate. */
export interface ParameterGroup {
  variables: NamedVariables;
  /** What the base rate is multiplied by. */
  factor: number;
}

/** A variable that is trained. */
export interface Parameter {
  name: string;
  variable: tf.Variable;
  factor: number;
}
