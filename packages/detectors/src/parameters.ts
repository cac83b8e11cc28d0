import { loadWeights, stateDictOf } from '@roikit/backbones';
import type { StateDict } from '@roikit/weights';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { FastRCNN } from './fastRCNN';
import type { ParameterGroup } from './optimizer';

/** Keeps the layers up to and including the module `name` as they are. */
export function freezeThrough(model: LayersModel, name: string): void {
  const last = model.layers.findLastIndex(
    (layer) => layer.name === name || layer.name.startsWith(`${name}.`),
  );
  if (last < 0) {
    const known = model.layers.map((layer) => layer.name).join(', ');
    throw new RangeError(
      `createDetector: backbone.frozenThrough must be one of its layers (${known}), got ${name}`,
    );
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

/** All weights under torchvision's names and in PyTorch's layouts: `backbone.features.0.weight`, `head.fc6.bias` … */
export async function readParameters(detector: FastRCNN): Promise<StateDict> {
  const parameters: StateDict = new Map();
  for (const [prefix, model] of parts(detector)) {
    for (const [name, tensor] of await stateDictOf(model)) parameters.set(`${prefix}${name}`, tensor);
  }
  return parameters;
}

/** Sets all weights; every name must be there in its shape, and nothing else. */
export function writeParameters(detector: FastRCNN, parameters: StateDict): void {
  const used = new Set<string>();
  for (const [prefix, model] of parts(detector)) {
    const own = withPrefix(parameters, prefix);
    for (const name of own.keys()) used.add(`${prefix}${name}`);
    loadWeights(model, own);
  }
  const unexpected = [...parameters.keys()].filter((name) => !used.has(name));
  if (unexpected.length > 0) {
    throw new RangeError(
      `loadDetector: the weights hold what no part of the detector has: ${unexpected.join(', ')}`,
    );
  }
}

/** The entries whose names start with `prefix`, without it. */
export function withPrefix(state: StateDict, prefix: string): StateDict {
  const entries = [...state].filter(([name]) => name.startsWith(prefix));
  return new Map(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

function parts({ backbone, neck, head }: FastRCNN): [string, LayersModel][] {
  return [
    ['backbone.', backbone],
    ...(neck ? ([['neck.', neck]] as [string, LayersModel][]) : []),
    ['head.', head],
  ];
}
