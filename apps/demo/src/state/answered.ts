import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import { guarded } from './actions';
import { activity } from './session';

/** How long a slider must rest before a worker is asked for what takes a while, milliseconds. */
export const REST = 80;

/** Questions that are not answered yet. */
const open = signal(0);
const change = (by: number) => (open.value = open.peek() + by);

/** Whether what the page shows is about to be replaced by an answer. */
export const isWaiting = computed(() => open.value > 0);

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
    let isAsked = false;
    change(1);
    const timer = setTimeout(() => {
      isAsked = true;
      void guarded(async () => {
        const said = await noticed(ask());
        if (own === asked) answer.value = said;
      }).finally(() => change(-1));
    }, rest);
    return () => {
      clearTimeout(timer);
      if (!isAsked) change(-1);
    };
  });
  return answer;
}

/** Says that a search is under way where it takes long. */
async function noticed<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const late = setTimeout(() => (activity.value ??= { kind: 'search' }), NOTICED);
  return answer.finally(() => clearTimeout(late));
}
