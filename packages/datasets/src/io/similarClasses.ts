import { SampleError } from '../types';

/** A note for each two class names that differ only in case or in space around them: mostly one class, misspelt. */
export function similarClasses(path: string, classes: readonly string[]): SampleError[] {
  const first = new Map<string, string>();
  return classes.flatMap((name) => {
    const plain = name.trim().toLowerCase();
    const other = first.get(plain);
    first.set(plain, other ?? name);
    if (other === undefined) return [];
    return new SampleError(path, {
      what: `the classes '${other}' and '${name}' differ only in case or space, taken as two`,
      cure: 'give them one name if they are the same',
      kind: 'note',
    });
  });
}
