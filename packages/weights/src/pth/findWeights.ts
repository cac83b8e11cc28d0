// Where in a pickled value the weights lie. Files of training hold them beside much else, and every tool has its names.

import { QuantizedRef } from './quantized';
import { TensorRef } from './tensorRef';
import { holdsTensor } from './torchObjects';
import type { PickleValue } from './unpickle';
import { PickleObject } from './unpickle';

export type Entries = Map<PickleValue, PickleValue>;

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

function isArray(value: unknown): boolean {
  const tensor = value instanceof QuantizedRef ? value.tensor : value;
  return tensor instanceof TensorRef
    ? tensor.shape.length > 0
    : value instanceof PickleObject && holdsTensor(value);
}

/** A pickled object's attributes; those in `__slots__` come as the second of two. */
function attributes({ state }: PickleObject): Map<PickleValue, PickleValue> | undefined {
  const dict = Array.isArray(state) ? state[0] : state;
  return dict instanceof Map ? dict : undefined;
}

const isModule = (value: PickleValue | undefined): value is PickleObject =>
  value instanceof PickleObject && (attributes(value)?.has('_parameters') ?? false);

/** What `torch.jit.save` writes: tensors and parts are plain attributes. */
const isScript = (value: PickleValue | undefined): value is PickleObject =>
  value instanceof PickleObject && value.name.startsWith('__torch__.') && attributes(value) !== undefined;

const dictAt = (
  of: Map<PickleValue, PickleValue> | undefined,
  key: string,
): Map<PickleValue, PickleValue> => {
  const value = of?.get(key);
  return value instanceof Map ? value : new Map();
};

/** Names of a module's buffers that `state_dict()` leaves out. */
function skippedBuffers(of: Map<PickleValue, PickleValue> | undefined): Set<PickleValue> {
  const set = of?.get('_non_persistent_buffers_set');
  const [listed] = set instanceof PickleObject ? set.args : [];
  const items = Array.isArray(set) ? set : set instanceof PickleObject ? set.items : [];
  return new Set([...items, ...(Array.isArray(listed) ? listed : [])]);
}

/** What `module.state_dict()` would give, in its order: parameters, buffers, then the parts. */
function moduleEntries(module: PickleObject, into: Entries, prefix = '', path: PickleObject[] = []): Entries {
  if (path.includes(module)) throw new RangeError('its modules contain each other');
  const own = attributes(module);
  const skipped = skippedBuffers(own);
  for (const [name, value] of dictAt(own, '_parameters'))
    if (value) into.set(`${prefix}${String(name)}`, value);
  for (const [name, value] of dictAt(own, '_buffers')) {
    if (value && !skipped.has(name)) into.set(`${prefix}${String(name)}`, value);
  }
  for (const [name, part] of dictAt(own, '_modules')) {
    if (isModule(part)) moduleEntries(part, into, `${prefix}${String(name)}.`, [...path, module]);
  }
  return into;
}

function scriptEntries(script: PickleObject, into: Entries, prefix = '', path: PickleObject[] = []): Entries {
  if (path.includes(script)) throw new RangeError('its modules contain each other');
  for (const [name, value] of attributes(script) ?? []) {
    if (isScript(value)) scriptEntries(value, into, `${prefix}${String(name)}.`, [...path, script]);
    else if (holdsTensor(value)) into.set(`${prefix}${String(name)}`, value);
  }
  return into;
}

/** A dict, or an object that is one by descent; of a list the entries by index. */
function entriesOf(value: PickleValue | undefined): Entries | undefined {
  if (value instanceof Map) return value;
  if (Array.isArray(value)) return new Map(value.map((item, i) => [i, item]));
  if (!(value instanceof PickleObject)) return undefined;
  return value.entries.size > 0 ? value.entries : attributes(value);
}

/** The one child that holds weights under a name that is not known. */
function onlyChild(entries: Entries, depth: number): Entries | undefined {
  const found = [...entries].flatMap(([key, value]) => {
    const weights = training.test(String(key)) ? undefined : search(value, depth + 1);
    return weights && [...weights.values()].some(isArray) ? [{ key, weights }] : [];
  });
  if (found.length > 1) {
    const names = found.map(({ key }) => String(key)).join(', ');
    throw new RangeError(`it holds several networks (${names}): save the state dict of one of them alone`);
  }
  return found[0]?.weights;
}

function search(value: PickleValue | undefined, depth: number): Entries | undefined {
  if (isModule(value)) return moduleEntries(value, new Map());
  if (isScript(value)) return scriptEntries(value, new Map());
  const entries = depth < maxDepth ? entriesOf(value) : undefined;
  if (!entries) return undefined;
  for (const key of wrappers) {
    const inner = search(entries.get(key), depth + 1);
    const kind = averaged.includes(key) ? isArray : holdsTensor;
    if (inner && [...inner.values()].some(kind)) return inner;
  }
  const tensors = Array.isArray(value) ? [] : [...entries].filter(([, entry]) => isTensor(entry));
  if (tensors.some(([key, tensor]) => isArray(tensor) && !training.test(String(key)))) return entries;
  // Single numbers beside a dict of tensors are measures of the training.
  return onlyChild(entries, depth) ?? (tensors.length > 0 ? entries : undefined);
}

/**
 * The named tensors of a pickled value: a state dict, one inside a training checkpoint, or a whole module's.
 *
 * @throws RangeError with what was found in their place.
 */
export function findWeights(value: PickleValue): Entries {
  const found = search(value, 0);
  if (found && [...found.values()].some(holdsTensor)) return found;
  if (value instanceof PickleObject) throw new RangeError(`it is an object of ${value.name}: ${cure}`);
  const held = value instanceof Map ? [...value].map(describe).slice(0, 10).join(', ') : '';
  throw new RangeError(`it has no dict of tensors${held && `; it holds ${held}`}: ${cure}`);
}

const cure = 'save model.state_dict() alone and read that';

const describe = ([key, value]: [PickleValue, PickleValue]) =>
  value instanceof PickleObject ? `${String(key)} (${value.name})` : String(key);
