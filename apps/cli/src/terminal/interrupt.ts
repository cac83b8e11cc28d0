import { EXIT } from '../errors';
import { note } from './print';

/**
 * Runs `work` with a signal that the first Ctrl-C (or SIGTERM, or the end of the terminal) aborts, so that it can save; a second one ends the
 * process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
    note('\nStopping after this step; press Ctrl-C again to stop at once.');
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of signals) process.off(name, onSignal);
  }
}
