/** The mean loss of some steps that follow each other, at their middle. */
export interface Point {
  step: number;
  loss: number;
}

/** More points than the chart has pixels to tell them apart would only make it slow. */
const MOST = 240;

/** How many points one of the calm line is the mean of, of all. */
const SMOOTHED = 0.08;

/** Losses by step → at most `MOST` points, however long the run. */
export function thinned(losses: readonly number[]): Point[] {
  const each = Math.ceil(losses.length / MOST);
  return Array.from({ length: Math.ceil(losses.length / each) }, (_, i) => {
    const some = losses.slice(i * each, (i + 1) * each);
    return { step: i * each + (some.length - 1) / 2, loss: mean(some) };
  });
}

/** Each point the mean of its neighbours. */
export function smoothed(points: readonly Point[]): Point[] {
  const reach = Math.max(1, Math.round(points.length * SMOOTHED));
  return points.map(({ step }, i) => {
    const some = points.slice(Math.max(0, i - reach), i + reach + 1);
    return { step, loss: mean(some.map(({ loss }) => loss)) };
  });
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
