import type { TensorInfo } from '@tensorflow/tfjs-core';
import { pack, packingOf, unpack, type CopyingBackend, type Packing } from './packed';
import { dispatchValues } from './program';

/**
 * One update of many parameters. Inputs, by parameter: its values, its gradient, its moments (one for SGD, two for
 * AdamW). The kernel returns new values and new moments, by parameter too, and changes nothing.
 */
interface Attrs {
  /** By parameter. */
  rates: number[];
  weightDecays: number[];
  /** What gradients are multiplied by, from clipping. @default 1 */
  scale?: number;
}

export interface UpdateArgs<More> {
  inputs: Record<string, TensorInfo>;
  backend: CopyingBackend;
  attrs: Attrs & More;
}

/** One new value of all parameters, from the packed ones by their names in `wgsl`. */
interface UpdateRule {
  name: string;
  /** Names of the packed inputs, and of the result. */
  from: string[];
  to: string;
  /** An expression with `from` at a place, `rate`, `decay` and the uniforms. */
  wgsl: string;
  floats: Record<string, number>;
}

/** Floats updated at a time: a binding may be no larger than 128 MB everywhere. */
const MOST_FLOATS = 2 ** 23;

interface Parameters {
  /** By name (`values`, `gradient`, a moment's): a tensor for each parameter. */
  tensors: Record<string, TensorInfo[]>;
  rates: number[];
  weightDecays: number[];
}

/** Updates all parameters, as many at a time as a binding holds, by a dispatch for each rule. */
export function fusedUpdate(
  { inputs, backend, attrs }: UpdateArgs<object>,
  moments: string[],
  rules: UpdateRule[],
): TensorInfo[] {
  const names = ['values', 'gradient', ...moments];
  const all = Object.values(inputs);
  const count = all.length / names.length;
  const outputs: TensorInfo[] = [];
  for (let first = 0, last = 0; first < count; first = last) {
    let size = 0;
    const sizeOf = (i: number) => packingOf([all[i * names.length]!]).total;
    do size += sizeOf(last++);
    while (last < count && size + sizeOf(last) <= MOST_FLOATS);
    const tensors = Object.fromEntries(
      names.map((name, j) => [name, all.filter((_, i) => i % names.length === j).slice(first, last)]),
    );
    const rates = attrs.rates.slice(first, last);
    outputs.push(
      ...updateGroup(
        backend,
        { tensors, rates, weightDecays: attrs.weightDecays.slice(first, last) },
        moments,
        rules,
      ),
    );
  }
  return outputs;
}

/** Parameters that fit into one buffer. */
function updateGroup(
  backend: CopyingBackend,
  { tensors, rates, weightDecays }: Parameters,
  moments: string[],
  rules: UpdateRule[],
) {
  const packing = packingOf(tensors['values']!);
  const settings = settingsOf(backend, packing, rates, weightDecays);
  const packed = new Map(Object.entries(tensors).map(([name, list]) => [name, pack(backend, list, packing)]));
  for (const rule of rules) {
    const after = applyRule(backend, rule, packed, settings, packing);
    backend.disposeData(packed.get(rule.to)!.dataId);
    packed.set(rule.to, after);
  }
  const shapes = tensors['values']!.map(({ shape }) => shape);
  const results = ['values', ...moments].map((name) => unpack(backend, packed.get(name)!, packing, shapes));
  for (const { dataId } of [...packed.values(), settings]) backend.disposeData(dataId);
  return shapes.flatMap((_, i) => results.map((list) => list[i]!));
}

/** `[parameters, 3]`: where a parameter begins (exact below 2²⁴), its rate, its decay. */
function settingsOf(
  backend: CopyingBackend,
  { starts }: Packing,
  rates: number[],
  weightDecays: number[],
): TensorInfo {
  const values = Float32Array.from(starts.flatMap((start, i) => [start, rates[i]!, weightDecays[i]!]));
  const dataId = backend.write(values, [values.length], 'float32');
  return { dataId, shape: [values.length], dtype: 'float32' };
}

function applyRule(
  backend: CopyingBackend,
  { name, from, wgsl, floats }: UpdateRule,
  packed: ReadonlyMap<string, TensorInfo>,
  settings: TensorInfo,
  { starts, total }: Packing,
): TensorInfo {
  return dispatchValues(backend, {
    name,
    wgsl: () => `
    fn valueAt(i: i32) -> f32 {
      // The last parameter that begins at or before i.
      var low = 0;
      var high = uniforms.parameters - 1;
      while (low < high) {
        let middle = (low + high + 1) / 2;
        if (i32(settings[3 * middle]) <= i) { low = middle; } else { high = middle - 1; }
      }
      let rate = settings[3 * low + 1];
      let decay = settings[3 * low + 2];
      return ${wgsl};
    }`,
    inputs: { ...Object.fromEntries(from.map((input) => [input, packed.get(input)!])), settings },
    outputShape: [total],
    ints: { parameters: starts.length },
    floats,
  });
}
