import { effect, signal, type ReadonlySignal } from '@preact/signals';
import { guarded } from './actions';
import { activity } from './session';

/** How long a slider must rest before a worker is asked for what takes a while, milliseconds. */
export const REST = 80;

/** What takes longer is said to be under way, milliseconds. */
const NOTICED = 200;

/**
 * What a worker says, asked again whenever a signal that `question` reads changes; only the last answer counts, and until
 * it is there the one before stands.
 *
 * @param question what asks; undefined while nobody wants to know
 */
export function answered<Answer>(
  question: () => (() => Promise<Answer>) | undefined,
  rest = 0,
): ReadonlySignal<Answer | undefined> {
  const answer = signal<Answer | undefined>(undefined);
  let asked = 0;
  effect(() => {
    const ask = question();
    if (!ask) return;
    const own = ++asked;
    const hear = async () => {
      const late = setTimeout(() => (activity.value ??= { kind: 'search' }), NOTICED);
      const said = await ask().finally(() => clearTimeout(late));
      if (own === asked) answer.value = said;
    };
    const timer = setTimeout(() => void guarded(hear), rest);
    return () => clearTimeout(timer);
  });
  return answer;
}
