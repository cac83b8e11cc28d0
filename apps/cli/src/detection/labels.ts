import { didYouMean } from '@roikit/training';
import { UsageError } from '../errors';

/** Labels of the named classes of a list; UsageError for a name that is not in it. */
export function labelsNamed(wanted: readonly string[], classes: readonly string[]): Set<number> {
  const missing = wanted.filter((name) => !classes.includes(name));
  if (missing.length > 0) {
    const known = classes.length > 20 ? `${classes.slice(0, 20).join(', ')} …` : classes.join(', ');
    const told = missing.map((name) => name + didYouMean(name, classes)).join(', ');
    throw new UsageError(`--classes: the detector has no ${told}; it has ${known}`);
  }
  return new Set(wanted.map((name) => classes.indexOf(name) + 1));
}
