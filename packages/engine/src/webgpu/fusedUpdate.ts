import type { TensorInfo } from '@tensorflow/tfjs-core';
import { pack, packingOf, unpack, type CopyingBackend, type Packing } from './packed';
import { dispatchValues } from './program';

/**
 * One update of many parameters, of 128 MB at most, which is what can be bound everywhere. Inputs: values by parameter,
 * then gradients by parameter, then the moments (one for SGD, two for AdamW), each of all parameters one after the other.
 * The kernel returns new values by parameter and new moments, and changes nothing.
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

/** Updates all parameters by a dispatch for each rule. */
export function fusedUpdate(
  { inputs, backend, attrs }: UpdateArgs<object>,
  moments: string[],
  rules: UpdateRule[],
): TensorInfo[] {
  const { rates, weightDecays } = attrs;
  const all = Object.values(inputs);
  const parameters = all.slice(0, rates.length);
  const packing = packingOf(parameters);
  const settings = settingsOf(backend, packing, rates, weightDecays);
  const values = pack(backend, parameters, packing);
  const gradient = pack(backend, all.slice(rates.length, 2 * rates.length), packing);
  const given = moments.map((name, i) => [name, all[2 * rates.length + i]!] as const);
  const packed = new Map<string, TensorInfo>([['values', values], ['gradient', gradient], ...given]);
  for (const rule of rules) packed.set(rule.to, applyRule(backend, rule, packed, settings, packing));
  const after = packed.get('values')!;
  const updated = unpack(
    backend,
    after,
    packing,
    parameters.map(({ shape }) => shape),
  );
  for (const { dataId } of [values, gradient, settings, after]) backend.disposeData(dataId);
  return [...updated, ...moments.map((name) => packed.get(name)!)];
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
