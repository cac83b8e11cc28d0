import type { StateDict, StateTensor } from '@roikit/weights';
import { toFloat32 } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { Parameter } from './parameters';
import { parametersOf } from './parameters';

export interface LoadWeightsOptions {
  /** Whose names the state dict carries. Default `torchvision`: the layers' own names. */
  source?: 'torchvision';
  /**
   * Whether every weight must be given and every key used. Default true; false loads what there is, as for a trunk
   * or another number of classes.
   */
  strict?: boolean;
}

export interface LoadWeightsReport {
  /** Keys of the model that the state dict does not have. */
  missing: string[];
  /** Keys of the state dict that the model does not have. */
  unexpected: string[];
}

/** PyTorch counts a batch norm's steps, and published Inception weights hold the head that only training uses. */
const isSpare = (key: string) => key.endsWith('.num_batches_tracked') || key.startsWith('AuxLogits.');

/** The same count of outputs and of weights each: a dense layer takes a convolution's kernel, and a 1×1 convolution a dense one. */
function fits(shape: number[], given: number[]): boolean {
  if (shape.length === given.length) return shape.every((side, i) => side === given[i]);
  const perOutput = (sides: number[]) => sides.slice(1).reduce((product, side) => product * side, 1);
  return (
    shape.length > 1 && given.length > 1 && shape[0] === given[0] && perOutput(shape) === perOutput(given)
  );
}

function list(title: string, keys: string[]): string {
  const shown = keys.slice(0, 10).join(', ');
  return keys.length ? `\n  ${title} (${keys.length}): ${shown}${keys.length > 10 ? ', …' : ''}` : '';
}

function compare(model: tfl.LayersModel, parameters: Parameter[], stateDict: StateDict, strict: boolean) {
  const expected = new Set(parameters.map(({ key }) => key));
  const missing = [...expected].filter((key) => !stateDict.has(key));
  const unexpected = [...stateDict.keys()].filter((key) => !expected.has(key) && !isSpare(key));
  const misshaped = parameters.flatMap(({ key, shape }) => {
    const given = stateDict.get(key)?.shape;
    return given && !fits(shape, given) ? [`${key} is [${given}], expected [${shape}]`] : [];
  });
  const faults = strict ? list('missing', missing) + list('unexpected', unexpected) : '';
  const all = faults + list('mis-shaped', misshaped);
  if (all) {
    const cure = strict && !misshaped.length ? '\n  strict: false loads the keys that fit' : '';
    throw new RangeError(`loadWeights: the state dict does not fit ${model.name}:${all}${cure}`);
  }
  return { missing, unexpected };
}

function assign(layer: tfl.layers.Layer, parameters: Parameter[], stateDict: StateDict): void {
  if (!parameters.some(({ key }) => stateDict.has(key))) return;
  tf.tidy(() => {
    const current = layer.getWeights();
    const next = parameters.map(({ key, layerShape, fromTorch }, i) => {
      const given = stateDict.get(key) as StateTensor | undefined;
      return given ? tf.tensor(fromTorch(toFloat32(given)), layerShape) : current[i];
    });
    layer.setWeights(next);
  });
}

/**
 * Fills a model's weights from a state dict, converting PyTorch's layouts to TensorFlow.js's.
 *
 * @returns the keys that found no partner; both lists are empty where `strict` (the default) let the call succeed.
 * @throws RangeError naming missing, unexpected and mis-shaped keys together; the model is then unchanged.
 */
export function loadWeights(
  model: tfl.LayersModel,
  stateDict: StateDict,
  options: LoadWeightsOptions = {},
): LoadWeightsReport {
  const { strict = true } = options;
  const layers = model.layers.map((layer) => ({ layer, parameters: parametersOf(layer) }));
  const report = compare(
    model,
    layers.flatMap(({ parameters }) => parameters),
    stateDict,
    strict,
  );
  for (const { layer, parameters } of layers) assign(layer, parameters, stateDict);
  return report;
}
