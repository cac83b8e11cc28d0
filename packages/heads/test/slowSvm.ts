import { mulberry32 } from '@roikit/geometry';
import type { SvmExamples } from '../src';

/**
 * Hsieh et al. 2008, Algorithm 3 (hinge loss), as the paper writes it: lists instead of typed arrays, every sum anew.
 * Stops as trainLinearSvm says it does: once all examples are looked at and the duality gap is a small enough share.
 */
export function slowSvm(
  { features, dimensions, labels }: SvmExamples,
  settings: { cost: number; biasMultiplier: number; positiveWeight: number; tolerance: number },
  maxPasses: number,
) {
  const { cost, biasMultiplier, positiveWeight, tolerance } = settings;
  const y = Array.from(labels, (label) => (label > 0 ? 1 : -1));
  // The bias is the weight of one feature more.
  const x = y.map((_, i) => [...features.slice(i * dimensions, (i + 1) * dimensions), biasMultiplier]);
  const upper = y.map((sign) => (sign > 0 ? positiveWeight * cost : cost));
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
  const alpha = y.map(() => 0);
  let w: number[] = x[0]!.map(() => 0);
  const objective = () =>
    dot(w, w) / 2 + y.reduce((sum, sign, i) => sum + upper[i]! * Math.max(0, 1 - sign * dot(w, x[i]!)), 0);
  const dual = () => alpha.reduce((sum, value) => sum + value, 0) - dot(w, w) / 2;

  const random = mulberry32(0);
  let active = y.map((_, i) => i);
  let shrunk: number[] = [];
  let [bestHigh, bestLow] = [Infinity, -Infinity]; // M̄, m̄
  let epsilon = 0.1;
  let passes = 0;
  while (passes < maxPasses) {
    passes++;
    let [high, low] = [-Infinity, Infinity]; // M, m
    for (let i = 0; i < active.length; i++) {
      const j = i + Math.floor(random() * (active.length - i));
      [active[i], active[j]] = [active[j]!, active[i]!];
    }
    for (let s = 0; s < active.length;) {
      const i = active[s]!;
      const gradient = y[i]! * dot(w, x[i]!) - 1;
      const [atZero, atTop] = [alpha[i] === 0, alpha[i] === upper[i]];
      if ((atZero && gradient > bestHigh) || (!atZero && atTop && gradient < bestLow)) {
        shrunk = [i, ...shrunk];
        active[s] = active.at(-1)!;
        active.pop();
        continue;
      }
      const projected = atZero ? Math.min(gradient, 0) : atTop ? Math.max(gradient, 0) : gradient;
      [high, low] = [Math.max(high, projected), Math.min(low, projected)];
      if (Math.abs(projected) > 1e-12) {
        const before = alpha[i]!;
        alpha[i] = Math.min(Math.max(before - gradient / dot(x[i]!, x[i]!), 0), upper[i]!);
        w = w.map((value, d) => value + (alpha[i]! - before) * y[i]! * x[i]![d]!);
      }
      s++;
    }
    [bestHigh, bestLow] = [high <= 0 ? Infinity : high, low >= 0 ? -Infinity : low];
    if (active.length > 0 && high - low > epsilon) continue;
    if (shrunk.length === 0) {
      if (objective() - dual() <= tolerance * objective()) break;
      epsilon /= 4;
    }
    [active, shrunk] = [[...active, ...shrunk], []];
    [bestHigh, bestLow] = [Infinity, -Infinity];
  }
  return { weights: w.slice(0, -1), bias: w.at(-1)! * biasMultiplier, objective: objective(), passes };
}
