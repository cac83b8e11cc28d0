import { SampleError } from '../types';

/** The promise's value, or undefined and one more problem where it fails on a sample. */
export async function keepProblem<T>(promise: Promise<T>, problems: SampleError[]): Promise<T | undefined> {
  return promise.catch((error: unknown) => {
    if (!(error instanceof SampleError)) throw error;
    problems.push(error);
    return undefined;
  });
}
