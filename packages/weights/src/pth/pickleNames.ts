import type { PickleValue } from './pickleValues';

/** Longer than any name of a tensor. */
const longest = 1000;

/**
 * A key as text. Of what is no plain value (a list that holds one list twice, which holds one twice …) the text could be
 * of any length, and so it is not made.
 */
export function nameOf(key: PickleValue): string {
  if (typeof key === 'object' && key !== null) return 'a key that is no text';
  const text = String(key);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
