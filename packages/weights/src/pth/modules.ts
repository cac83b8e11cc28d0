import { nameOf } from './pickleNames';
import { PickleObject, type PickleValue } from './pickleValues';

type Entries = Map<PickleValue, PickleValue>;

/** More than any network has; a file of a few bytes can name one module, or one tensor, any number of times. */
const maxModules = 100_000;
const maxTensors = 100_000;
/** Deeper than any network is nested; names, which hold all above them, would grow with its square. */
const maxNesting = 100;

/** A pickled object's attributes; those in `__slots__` come as the second of two. */
export function attributes({ state }: PickleObject): Map<PickleValue, PickleValue> | undefined {
  const dict = Array.isArray(state) ? state[0] : state;
  return dict instanceof Map ? dict : undefined;
}

export const isModule = (value: PickleValue | undefined): value is PickleObject =>
  value instanceof PickleObject && (attributes(value)?.has('_parameters') ?? false);

/** What `torch.jit.save` writes: tensors and parts are plain attributes. */
export const isScript = (value: PickleValue | undefined): value is PickleObject =>
  value instanceof PickleObject && value.name.startsWith('__torch__.') && attributes(value) !== undefined;

/** Names of a module's buffers that `state_dict()` leaves out. */
function skippedBuffers(of: Entries): Set<PickleValue> {
  const set = of.get('_non_persistent_buffers_set');
  const items = set instanceof PickleObject ? set.args[0] : set; // before protocol 4 a call, then a list here
  return new Set(Array.isArray(items) ? items : []);
}

const pairsAt = (of: Entries, key: string): [PickleValue, PickleValue][] => {
  const value = of.get(key);
  return value instanceof Map ? [...value] : [];
};

/** Tensors of a module and its parts by path, its own first. */
function flatten(
  root: PickleObject,
  own: (attributes: Entries) => [PickleValue, PickleValue][],
  parts: (attributes: Entries) => [PickleValue, PickleValue][],
): Entries {
  const into: Entries = new Map();
  let visited = 0;
  const visit = (module: PickleValue, prefix: string, path: PickleValue[]) => {
    const of = module instanceof PickleObject ? attributes(module) : undefined;
    if (!of) return; // a part that is None
    if (path.includes(module)) throw new RangeError('its modules contain each other');
    if (path.length > maxNesting) throw new RangeError(`its modules are nested more than ${maxNesting} deep`);
    if (++visited > maxModules) throw new RangeError(`it has more than ${maxModules} modules`);
    for (const [name, value] of own(of)) into.set(`${prefix}${nameOf(name)}`, value);
    if (into.size > maxTensors) throw new RangeError(`it has more than ${maxTensors} tensors`);
    for (const [name, part] of parts(of)) visit(part, `${prefix}${nameOf(name)}.`, [...path, module]);
  };
  visit(root, '', []);
  return into;
}

/** What `module.state_dict()` would give, in its order: parameters, buffers, then the parts. */
export function moduleEntries(module: PickleObject): Entries {
  const own = (of: Entries) => {
    const skipped = skippedBuffers(of);
    const buffers = pairsAt(of, '_buffers').filter(([name]) => !skipped.has(name));
    return [...pairsAt(of, '_parameters'), ...buffers].filter(([, value]) => value !== null);
  };
  return flatten(module, own, (of) => pairsAt(of, '_modules'));
}

export function scriptEntries(script: PickleObject, holdsTensor: (value: PickleValue) => boolean): Entries {
  return flatten(
    script,
    (of) => [...of].filter(([, value]) => !isScript(value) && holdsTensor(value)),
    (of) => [...of].filter(([, value]) => isScript(value)),
  );
}
