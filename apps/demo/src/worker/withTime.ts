export interface Timed<Result> {
  result: Result;
  milliseconds: number;
}

/** What `work` returns, and how long it took. */
export function withTime<Result>(work: () => Result): Timed<Result> {
  const start = performance.now();
  const result = work();
  return { result, milliseconds: performance.now() - start };
}
