import { closestMatch } from 'leven';

/** Letters that may differ: a slip of the fingers, not another word. */
const MOST_EDITS = 3;

/**
 * Of the names that there are the one that an unknown one was probably meant to be, to stand behind a message.
 *
 * @returns ` (did you mean squeezenet1_1?)`, or nothing where none is near: no more than three letters differ, and less
 * than three fifths of them, as commander has it; capitals don't count
 */
export function didYouMean(name: string, known: readonly string[]): string {
  const lower = known.map((candidate) => candidate.toLowerCase());
  const maxDistance = Math.min(MOST_EDITS, Math.ceil(0.6 * name.length) - 1);
  const closest = closestMatch(name.toLowerCase(), lower, { maxDistance });
  return closest === undefined ? '' : ` (did you mean ${known[lower.indexOf(closest)]}?)`;
}
