import type { LearningTask } from '@roikit/training';
import { evaluate } from '../evaluation/evaluate';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import type { Report } from '../types';
import type { TrainOptions } from './trainOptions';

/**
 * Measures AP50 on the run's validation set; undefined where it has none, and where what scores is fitted only later.
 *
 * @throws RangeError where early stopping is asked for and nothing could decide it
 */
export function validation(
  detector: GeneralizedRCNN,
  { validation: dataset, proposals, patience, signal }: TrainOptions,
): LearningTask<unknown, Report>['validate'] {
  const svms = detector.scores === 'margin';
  if (svms && patience !== undefined) {
    throw new RangeError(
      `train: a ${detector.config.type} is measured once its SVMs are trained, not after each epoch; leave patience out`,
    );
  }
  if (svms || dataset === undefined) return undefined;
  return async function* () {
    const events = evaluate(detector, dataset, { proposals, signal });
    for (;;) {
      const next = await events.next();
      if (next.done) {
        const report = next.value;
        const whole = report.images + report.skipped === dataset.length;
        return whole ? { score: report.ap50, report } : undefined;
      }
      if (next.value.type === 'image') yield { done: next.value.done, total: next.value.total };
    }
  };
}
