import type { TensorInfo } from '@tensorflow/tfjs-core';
import { pack, packingOf, unpack, type CopyingBackend, type Packing } from './packed';
import { dispatch, FLAT_THREADS, flatWorkgroups } from './program';

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

interface Args<More> {
  inputs: Record<string, TensorInfo>;
  backend: CopyingBackend;
  attrs: Attrs & More;
}

/** One new value of all parameters, from the packed ones by their names in `wgsl`. */
interface Rule {
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

/** PyTorch's SGD with momentum: v ← μ v + g + λ w;  w ← w − η v. Twin: updates.ts of @roikit/training. */
export function fusedSgd(args: Args<{ momentum: number }>): TensorInfo[] {
  const { momentum, scale = 1 } = args.attrs;
  return update(
    args,
    ['velocity'],
    [
      {
        name: 'FusedSgd velocity',
        from: ['values', 'gradient', 'velocity'],
        to: 'velocity',
        wgsl: 'uniforms.momentum * velocity[i] + gradient[i] * uniforms.scale + decay * values[i]',
        floats: { momentum, scale },
      },
      {
        name: 'FusedSgd',
        from: ['values', 'velocity'],
        to: 'values',
        wgsl: 'values[i] - rate * velocity[i]',
        floats: {},
      },
    ],
  );
}

/** AdamW: Loshchilov & Hutter 2019, Algorithm 2; `step` counts from 1. Twin: updates.ts of @roikit/training. */
export function fusedAdamW(args: Args<{ betas: [number, number]; step: number }>): TensorInfo[] {
  const { betas, step, scale = 1 } = args.attrs;
  const [first, second] = betas;
  return update(
    args,
    ['mean', 'square'],
    [
      {
        name: 'FusedAdamW mean',
        from: ['gradient', 'mean'],
        to: 'mean',
        wgsl: 'uniforms.beta * mean[i] + uniforms.rest * gradient[i] * uniforms.scale',
        floats: { beta: first, rest: 1 - first, scale },
      },
      {
        name: 'FusedAdamW square',
        from: ['gradient', 'square'],
        to: 'square',
        wgsl: 'uniforms.beta * square[i] + uniforms.rest * gradient[i] * gradient[i] * uniforms.scale * uniforms.scale',
        floats: { beta: second, rest: 1 - second, scale },
      },
      {
        name: 'FusedAdamW',
        from: ['values', 'mean', 'square'],
        to: 'values',
        wgsl: `values[i] * (1.0 - rate * decay)
        - rate * uniforms.meanFactor * mean[i] / (sqrt(square[i]) * uniforms.rootFactor + 1e-8)`,
        floats: { meanFactor: 1 / (1 - first ** step), rootFactor: 1 / Math.sqrt(1 - second ** step) },
      },
    ],
  );
}

interface Parameters {
  /** By name (`values`, `gradient`, a moment's): a tensor for each parameter. */
  tensors: Record<string, TensorInfo[]>;
  rates: number[];
  weightDecays: number[];
}

function update({ inputs, backend, attrs }: Args<object>, moments: string[], rules: Rule[]): TensorInfo[] {
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
  rules: Rule[],
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
  { name, from, wgsl, floats }: Rule,
  packed: ReadonlyMap<string, TensorInfo>,
  settings: TensorInfo,
  { starts, total }: Packing,
): TensorInfo {
  return dispatch(backend, {
    name,
    wgsl: () => `
    fn main(i: i32) {
      if (i >= uniforms.count) { return; }
      // The last parameter that begins at or before i.
      var low = 0;
      var high = uniforms.parameters - 1;
      while (low < high) {
        let middle = (low + high + 1) / 2;
        if (i32(settings[3 * middle]) <= i) { low = middle; } else { high = middle - 1; }
      }
      let rate = settings[3 * low + 1];
      let decay = settings[3 * low + 2];
      result[i] = ${wgsl};
    }`,
    inputs: { ...Object.fromEntries(from.map((input) => [input, packed.get(input)!])), settings },
    outputShape: [total],
    ints: { count: total, parameters: starts.length },
    floats,
    workgroups: flatWorkgroups(total),
    threads: FLAT_THREADS,
  });
}
