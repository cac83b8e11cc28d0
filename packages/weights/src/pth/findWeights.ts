// Where in a pickled value the weights lie. Files of training hold them beside much else, and every tool has its names.

import { attributes, isModule, isScript, moduleEntries, scriptEntries } from './modules';
import { QuantizedRef } from './quantized';
import { TensorRef } from './tensorRef';
import { tensorSearch } from './torchObjects';
import { nameOf } from './pickleNames';
import { PickleObject, type PickleValue } from './pickleValues';

type Entries = Map<PickleValue, PickleValue>;

/** Averaged weights come first, as in timm's `load_state_dict` and Ultralytics' `attempt_load`. */
const averaged =
  'state_dict_ema model_ema ema_state_dict model_ema_state_dict ema_model params_ema ema'.split(' ');
const plain =
  'state_dict model_state_dict model_state model net network module net_state_dict model_weights weights params';
const wrappers = [...averaged, ...plain.split(' ')];
/** Tensors of these belong to the training, not to the network. */
const training = /optim|sched|scaler|rng|random_state|callback|loop|hyper|metric|loss|best|^args?$|^config$/i;

/** Deeper than any checkpoint nests its weights. */
const maxDepth = 6;

const isTensor = (value: unknown): value is TensorRef | QuantizedRef =>
  value instanceof TensorRef || value instanceof QuantizedRef;

/** More than a single number, of which training keeps many. */
function isArray(value: unknown): boolean {
  const tensor = value instanceof QuantizedRef ? value.tensor : value;
  return tensor instanceof TensorRef && tensor.shape.length > 0;
}

/** A dict, or an object that is one by descent; of a list the entries by index. */
function entriesOf(value: PickleValue | undefined): Entries | undefined {
  if (value instanceof Map) return value;
  if (Array.isArray(value)) return new Map(value.map((item, i) => [i, item]));
  if (!(value instanceof PickleObject)) return undefined;
  return value.entries.size > 0 ? value.entries : attributes(value);
}

interface Known {
  /** What was found in values looked at so far: one that is referred to a thousand times is searched once. */
  found: Map<PickleValue | undefined, Entries | undefined>;
  holdsTensor: (value: PickleValue | undefined) => boolean;
}

/** The one child that holds weights under a name that is not known. */
function onlyChild(entries: Entries, depth: number, known: Known): Entries | undefined {
  const found = [...entries].flatMap(([key, value]) => {
    const weights = training.test(nameOf(key)) ? undefined : search(value, depth + 1, known);
    return weights && [...weights.values()].some(isArray) ? [{ key, weights }] : [];
  });
  if (found.length > 1) {
    const names = found.map(({ key }) => nameOf(key)).join(', ');
    throw new RangeError(`it holds several networks (${names}): save the state dict of one of them alone`);
  }
  return found[0]?.weights;
}

function search(value: PickleValue | undefined, depth: number, known: Known): Entries | undefined {
  const { found } = known;
  if (found.has(value)) return found.get(value);
  found.set(value, undefined); // what it holds may hold it
  const weights = look(value, depth, known);
  found.set(value, weights);
  return weights;
}

function look(value: PickleValue | undefined, depth: number, known: Known): Entries | undefined {
  if (isModule(value)) return moduleEntries(value);
  if (isScript(value)) return scriptEntries(value, known.holdsTensor);
  const entries = depth < maxDepth ? entriesOf(value) : undefined;
  if (!entries) return undefined;
  for (const key of wrappers) {
    const inner = search(entries.get(key), depth + 1, known);
    const kind = averaged.includes(key) ? isArray : known.holdsTensor;
    if (inner && [...inner.values()].some(kind)) return inner;
  }
  const tensors = Array.isArray(value) ? [] : [...entries].filter(([, entry]) => isTensor(entry));
  if (tensors.some(([key, tensor]) => isArray(tensor) && !training.test(nameOf(key)))) return entries;
  // Single numbers beside a dict of tensors are measures of the training.
  return onlyChild(entries, depth, known) ?? (tensors.length > 0 ? entries : undefined);
}

/**
 * The named tensors of a pickled value: a state dict, one inside a training checkpoint, or a whole module's.
 *
 * @throws RangeError with what was found in their place.
 */
export function findWeights(value: PickleValue, holdsTensor = tensorSearch()): Entries {
  const found = search(value, 0, { found: new Map(), holdsTensor });
  if (found && [...found.values()].some(holdsTensor)) return found;
  if (value instanceof PickleObject) throw new RangeError(`it is an object of ${value.name}: ${cure}`);
  const held = value instanceof Map ? [...value].map(describe).slice(0, 10).join(', ') : '';
  throw new RangeError(`it has no dict of tensors${held && `; it holds ${held}`}: ${cure}`);
}

const cure = 'save model.state_dict() alone and read that';

const describe = ([key, value]: [PickleValue, PickleValue]) =>
  value instanceof PickleObject ? `${nameOf(key)} (${value.name})` : nameOf(key);
