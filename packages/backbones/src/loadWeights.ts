import type { StateDict, StateTensor } from '@roikit/weights';
import { toFloat32 } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { Binding, WeightSource } from './sources/bindings';
import { bindings } from './sources/bindings';
import { kerasKey } from './sources/keras';

const sources: readonly WeightSource[] = ['torchvision', 'timm', 'keras'];

export interface LoadWeightsOptions {
  /**
   * Whose names the state dict carries. `timm` and `keras` also set batch norm's ε to the one those weights were trained
   * with.
   *
   * @default 'torchvision' the layers' own names
   */
  source?: WeightSource;
  /**
   * Whether every weight must be given and every key used; false loads what there is, as for a trunk or another number
   * of classes.
   *
   * @default true a silent gap would be a network that answers at random
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

/** `denselayer1.norm.1.weight` of old DenseNet files → `denselayer1.norm1.weight`, as torchvision itself does. */
const oldDensenet = /^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.)/;

/** The state dict under the keys that bindings use. */
function normalized(stateDict: StateDict, source: WeightSource): StateDict {
  const rename = source === 'keras' ? kerasKey : (key: string) => key.replace(oldDensenet, '$1$2');
  return new Map([...stateDict].map(([key, tensor]) => [rename(key), tensor]));
}

/**
 * The same outputs and as many weights each: a dense layer takes the kernel of a convolution over its whole map, and a
 * 1×1 convolution a dense one.
 */
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

/** Compares keys and shapes, and throws one error about all that does not fit. */
function compare(
  model: tfl.LayersModel,
  bound: Binding[],
  stateDict: StateDict,
  strict: boolean,
): LoadWeightsReport {
  const parameters = bound.flatMap((binding) => binding.parameters);
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

function assign({ layer, parameters, epsilon }: Binding, stateDict: StateDict): void {
  if (!parameters.some(({ key }) => stateDict.has(key))) return;
  tf.tidy(() => {
    const current = layer.getWeights();
    const next = parameters.map(({ key, layerShape, decode }, i) => {
      const given: StateTensor | undefined = stateDict.get(key);
      return given ? tf.tensor(decode(toFloat32(given)), layerShape) : current[i]!;
    });
    layer.setWeights(next);
  });
  if (epsilon !== undefined && 'epsilon' in layer) layer.epsilon = epsilon;
}

/**
 * Fills a model's weights from a state dict, converting the source's names and layouts to TensorFlow.js's.
 *
 * @returns the keys that found no partner; both lists are empty where `strict` (the default) let the call succeed.
 * @throws RangeError naming missing, unexpected and mis-shaped keys together; the model is then unchanged.
 */
export function loadWeights(
  model: tfl.LayersModel,
  stateDict: StateDict,
  options: LoadWeightsOptions = {},
): LoadWeightsReport {
  const { source = 'torchvision', strict = true } = options;
  if (!sources.includes(source))
    throw new TypeError(`loadWeights: source must be one of ${sources.join(', ')}, got ${String(source)}`);
  if (!(stateDict instanceof Map))
    throw new TypeError(
      `loadWeights: stateDict must be what readStateDict of @roikit/weights gives, got ${Object.prototype.toString.call(stateDict).slice(8, -1)}${(stateDict as unknown) instanceof Promise ? '; await it' : ''}`,
    );
  const bound = bindings(model, source);
  const given = normalized(stateDict, source);
  const report = compare(model, bound, given, strict);
  for (const binding of bound) assign(binding, given);
  return report;
}
