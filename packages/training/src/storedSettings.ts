import { OPTIMIZER_OWNERS } from './optimizer';
import { withoutIgnored } from './ownOptions';
import { SCHEDULE_OWNERS } from './schedule';

/**
 * How a run is trained, from its settings as they were stored: without options that were ignored once and are refused now,
 * so that the run can go on.
 */
export function storedTraining<Training>(training: Training): Training {
  const { optimizer, schedule } = (training ?? {}) as { optimizer?: object; schedule?: object };
  return {
    ...training,
    ...(optimizer && { optimizer: withoutIgnored(optimizer, OPTIMIZER_OWNERS) }),
    ...(schedule && { schedule: withoutIgnored(schedule, SCHEDULE_OWNERS) }),
  };
}
