import type { Dataset } from '@roikit/datasets';
import { evaluate, type Detector, type EvaluateOptions } from '../src';

/** AP50 of a detector on a data set. */
export async function averagePrecision(
  detector: Detector,
  data: Dataset,
  options?: EvaluateOptions,
): Promise<number> {
  const events = evaluate(detector, data, options);
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value.ap50;
  }
}
