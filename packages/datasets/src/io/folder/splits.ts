import { SampleError } from '../../types';

const validationNames = ['val', 'valid', 'validation'];

/** Whether two names mean one split, in any case: 'val', 'valid' and 'validation' do. */
export function isSameSplit(a: string, b: string): boolean {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x === y || (validationNames.includes(x) && validationNames.includes(y));
}

/** Whether one of a path's folders is the split's. */
export function liesInSplit(path: string, split: string): boolean {
  return path
    .split('/')
    .slice(0, -1)
    .some((part) => isSameSplit(part, split));
}

/** The error for a split that a dataset doesn't have. */
export function noSuchSplit(
  path: string,
  { split, known }: { split: string; known: readonly string[] },
): SampleError {
  return new SampleError(path, {
    what: `there is no split '${split}'`,
    cure:
      known.length > 0 ? `choose one of ${known.join(', ')}` : 'leave `split` out to read every annotation',
  });
}
