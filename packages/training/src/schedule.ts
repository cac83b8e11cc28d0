import * as z from 'zod';
import { withoutUndefined } from './withoutUndefined';
import { refuseIgnored, type Owners } from './ownOptions';
import type { Fields } from './parseOptions';

/** How the learning rate changes over a run. */
export interface ScheduleOptions {
  /**
   * 'cosine' falls from 1 to 0 over the run; 'step' multiplies by `gamma` at each milestone; 'constant' stays.
   * @default 'step' Fast R-CNN drops its rate once, after three quarters of the run (§2.3)
   */
  type?: 'constant' | 'step' | 'cosine';
  /** Of 'step' only: fractions of the run at which the rate falls. @default [0.75] 30 k of 40 k steps, §2.3 */
  milestones?: number[];
  /** Of 'step' only: what the rate is multiplied by. @default 0.1 §2.3 */
  gamma?: number;
  /** Steps over which the rate rises linearly from a thousandth, as in torchvision's references. @default 0 the paper has none */
  warmupSteps?: number;
}

export const SCHEDULE_OWNERS: Owners = { of: { milestones: 'step', gamma: 'step' }, usual: 'step' };

/** The schema of a learning rate's schedule, for settings that are read from a file. */
export const scheduleOptions: z.ZodType<ScheduleOptions, ScheduleOptions> = z
  .strictObject({
    type: z.enum(['constant', 'step', 'cosine']),
    milestones: z.array(z.number().min(0).max(1)),
    gamma: z.number().positive(),
    warmupSteps: z.int().min(0),
  } satisfies Fields<ScheduleOptions>)
  .partial()
  .superRefine(refuseIgnored(SCHEDULE_OWNERS));

/**
 * A schedule for those who choose none: a cosine, which leaves nothing to choose; steps where milestones or gamma are
 * given, of which a cosine has neither.
 */
export function cosineOrSteps(options: ScheduleOptions = {}): ScheduleOptions {
  const hasSteps = options.milestones !== undefined || options.gamma !== undefined;
  return { type: hasSteps ? 'step' : 'cosine', ...withoutUndefined(options) };
}

/** What the base learning rate is multiplied by at a step (0-based) of a run. */
export function scheduleFactor(step: number, totalSteps: number, options: ScheduleOptions = {}): number {
  const { type = 'step', milestones = [0.75], gamma = 0.1, warmupSteps = 0 } = options;
  if (step < warmupSteps) return 0.001 + (0.999 * (step + 1)) / warmupSteps;
  const progress = step / totalSteps;
  if (type === 'constant') return 1;
  if (type === 'cosine') return 0.5 * (1 + Math.cos(Math.PI * progress));
  return gamma ** milestones.filter((milestone) => progress >= milestone).length;
}
