import * as tf from '@tensorflow/tfjs-core';
import { EngineError, firstLine } from '../engineError';
import type { EngineName } from '../types';

/** Makes a registered backend the current one; `cure` is what to tell the user when it does not start. */
export async function setBackend(name: EngineName, cure: string): Promise<void> {
  let failure: unknown;
  const started = await tf.setBackend(name).catch((error: unknown) => {
    failure = error;
    return false;
  });
  if (started) return;
  const reason = failure === undefined ? 'the backend did not start' : firstLine(failure);
  throw new EngineError(name, { reason, cure }, { cause: failure });
}
