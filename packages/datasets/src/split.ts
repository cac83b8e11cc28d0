import type { Random } from './random';
import { subset } from './subset';
import type { Dataset } from './types';

export interface SplitDatasetOptions<Part extends string = string> {
  /** Share of each part by its name, such as `{ train: 0.8, val: 0.2 }`; together at most 1. */
  shares: Readonly<Record<Part, number>>;
  random: Random;
  /**
   * Labels of a sample. With them, every class is spread over the parts as the samples are, rare classes first (Sechidis et
   * al. 2011, "On the stratification of multi-label data"). @default by chance alone
   */
  labels?: (index: number) => Iterable<number>;
}

/**
 * Splits a dataset by chance into parts of exactly the given shares, rounded; each keeps the order of the samples. No
 * sample is in two parts. RangeError for shares that are not in (0, 1] or are more than 1 together.
 */
export function splitDataset<Part extends string>(
  dataset: Dataset,
  { shares, random, labels }: SplitDatasetOptions<Part>,
): Record<Part, Dataset> {
  const names = Object.keys(shares ?? {}) as Part[];
  const values = checkShares(names.map((name) => shares[name]));
  const order = shuffled(dataset.length, random);
  const sizes = partSizes(values, dataset.length);
  const parts = labels ? stratified(order, { sizes, labels }) : inTurn(order, sizes);
  return Object.fromEntries(
    names.map((name, i) => {
      const indices = parts[i]!.toSorted((a, b) => a - b);
      return [name, { ...subset(dataset, indices), name: `${dataset.name}-${name}` }];
    }),
  ) as Record<Part, Dataset>;
}

function checkShares(values: readonly number[]): readonly number[] {
  const total = values.reduce((a, b) => a + b, 0);
  if (values.length > 0 && values.every((share) => share > 0 && share <= 1) && total <= 1 + 1e-9)
    return values;
  throw new RangeError(
    `splitDataset: shares must be in (0, 1] and at most 1 together, got ${values.join(', ') || 'none'}`,
  );
}

/** Fisher-Yates. */
function shuffled(length: number, random: Random): number[] {
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Whole numbers that come nearest to the shares (largest remainders). */
function partSizes(shares: readonly number[], length: number): number[] {
  const exact = shares.map((share) => share * length);
  const sizes = exact.map((size) => Math.floor(size + 1e-9));
  const total = Math.min(length, Math.round(exact.reduce((a, b) => a + b, 0)));
  const byRemainder = exact.map((size, i) => [size - sizes[i]!, i] as const).sort(([a], [b]) => b - a);
  for (let k = 0, left = total - sizes.reduce((a, b) => a + b, 0); left > 0; k++, left--) {
    sizes[byRemainder[k % byRemainder.length]![1]]!++;
  }
  return sizes;
}

function inTurn(order: readonly number[], sizes: readonly number[]): number[][] {
  let at = 0;
  return sizes.map((size) => order.slice(at, (at += size)));
}

function stratified(
  order: readonly number[],
  { sizes, labels }: { sizes: readonly number[]; labels: (index: number) => Iterable<number> },
): number[][] {
  const classesOf = new Map(order.map((index) => [index, new Set(labels(index))]));
  const waiting = new Map<number, Set<number>>();
  for (const [index, classes] of classesOf) {
    for (const label of classes) waiting.set(label, (waiting.get(label) ?? new Set()).add(index));
  }
  const parts = sizes.map((size): Part => ({ indices: [], room: size, wanted: new Map() }));
  for (const [label, indices] of waiting) {
    for (const [i, part] of parts.entries())
      part.wanted.set(label, (indices.size * sizes[i]!) / order.length);
  }
  const put = (index: number, label: number | undefined): void => {
    const part = neediest(parts, label);
    for (const own of classesOf.get(index)!) {
      waiting.get(own)!.delete(index);
      part?.wanted.set(own, part.wanted.get(own)! - 1);
    }
    if (!part) return;
    part.indices.push(index);
    part.room--;
  };
  const done = new Set<number>();
  for (let label = rarest(waiting); label !== undefined; label = rarest(waiting)) {
    for (const index of waiting.get(label)!) {
      done.add(index);
      put(index, label);
    }
  }
  for (const index of order) if (!done.has(index)) put(index, undefined);
  return parts.map(({ indices }) => indices);
}

interface Part {
  indices: number[];
  /** Samples that it still takes. */
  room: number;
  /** Samples by class that it would still like. */
  wanted: Map<number, number>;
}

/** The class with the fewest samples left. */
function rarest(waiting: ReadonlyMap<number, ReadonlySet<number>>): number | undefined {
  let [best, fewest]: [number | undefined, number] = [undefined, Infinity];
  for (const [label, { size }] of waiting) if (size > 0 && size < fewest) [best, fewest] = [label, size];
  return best;
}

/** The part with room that lacks most of a class, then most samples; undefined where every part is full. */
function neediest(parts: readonly Part[], label: number | undefined): Part | undefined {
  const want = ({ wanted }: Part): number => (label === undefined ? 0 : wanted.get(label)!);
  const [first, ...others] = parts.filter(({ room }) => room > 0);
  return others.reduce((best, part) => {
    if (!best) return part;
    const gain = want(part) - want(best);
    return gain > 0 || (gain === 0 && part.room > best.room) ? part : best;
  }, first);
}
