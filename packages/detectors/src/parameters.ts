import { toFloat32, type StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { FastRCNN } from './fastRCNN';
import type { ParameterGroup } from './optimizer';

/** Keeps the layers up to and including `name` as they are. */
export function freezeThrough(model: LayersModel, name: string): void {
  const last = model.layers.findIndex((layer) => layer.name === name);
  if (last < 0) {
    const known = model.layers.map((layer) => layer.name).join(', ');
    throw new RangeError(`createDetector: backbone.frozenThrough must be one of its layers (${known}), got ${name}`);
  }
  for (const layer of model.layers.slice(0, last + 1)) layer.trainable = false;
}

/** What training changes: the backbone at its own rate, neck and head at the base rate. */
export function parameterGroups(detector: FastRCNN, backboneFactor: number): ParameterGroup[] {
  const rest = [detector.neck, detector.head].flatMap((model) => (model ? trainableVariables(model) : []));
  return [
    { variables: backboneFactor > 0 ? trainableVariables(detector.backbone) : [], factor: backboneFactor },
    { variables: rest, factor: 1 },
  ];
}

/** `variableGrads` needs the tf.Variable that a LayerVariable wraps and does not show. */
function trainableVariables(model: LayersModel): tf.Variable[] {
  return model.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val);
}

/**
 * All weights, named `backbone.features.0/kernel` and so on: part, layer (torchvision's module path), Keras's weight
 * name, whose layouts (HWIO kernels) these are.
 */
export async function readParameters(detector: FastRCNN): Promise<StateDict> {
  const parameters: StateDict = new Map();
  for (const [name, weight] of namedWeights(detector)) {
    const tensor = weight.read();
    parameters.set(name, { dtype: 'float32', shape: tensor.shape, data: (await tensor.data()) as Float32Array });
  }
  return parameters;
}

/** Sets all weights; every name must be there in its shape, and nothing else. */
export function writeParameters(detector: FastRCNN, parameters: StateDict): void {
  const weights = namedWeights(detector);
  const problems = [...parameters.keys()].filter((name) => !weights.has(name)).map((name) => `unexpected ${name}`);
  for (const [name, weight] of weights) {
    const stored = parameters.get(name);
    if (stored === undefined) problems.push(`missing ${name}`);
    else if (stored.shape.join() !== weight.shape.join()) {
      problems.push(`${name} has shape [${stored.shape}], not [${weight.shape}]`);
    }
  }
  if (problems.length > 0) {
    throw new RangeError(`loadDetector: the weights do not fit detector.json: ${problems.join('; ')}`);
  }
  tf.tidy(() => {
    for (const [name, weight] of weights) {
      weight.write(tf.tensor(toFloat32(parameters.get(name)!), weight.shape as number[]));
    }
  });
}

function namedWeights(detector: FastRCNN) {
  const parts = { backbone: detector.backbone, neck: detector.neck, head: detector.head };
  return new Map(
    Object.entries(parts).flatMap(([part, model]) =>
      (model?.weights ?? []).map((weight) => [`${part}.${weight.originalName}`, weight] as const),
    ),
  );
}
