import type * as tf from '@tensorflow/tfjs-core';

type AttrType = 'TF_ATTR_BOOL' | 'TF_ATTR_INT' | 'TF_ATTR_STRING' | 'TF_ATTR_TYPE';

/** The part of tfjs-node's backend that is used here; the package is optional, so are its types. */
export interface NodeBackend {
  binding: Record<AttrType | 'TF_FLOAT', number> & { TF_Version: string };
  isUsingGpuDevice: boolean;
  /** Runs any op of libtensorflow that has one output. */
  executeSingleOutput(op: string, attrs: object[], inputs: tf.TensorInfo[]): tf.TensorInfo;
}

/** The attribute that says which type of number an op is for. */
export function floatAttr({ binding }: NodeBackend): object {
  return { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
}
