export { packRun, prefixed, unpackRun, withPrefix } from './checkpoint';
export type { CheckpointStore, PackedRun, RunSettings, Trainee } from './checkpoint';
export type { Losses, TrainEvent } from './events';
export {
  GradientDescent,
  type GradientDescentOptions,
  type LearningTask,
  type TrainedUnits,
} from './gradientDescent';
export { DivergenceError, gradientStep, type GradientStepOptions, type LossTerms } from './gradientStep';
export {
  globalNorm,
  Optimizer,
  optimizerOptions,
  optimizerSchema,
  resolveOptimizerOptions,
} from './optimizer';
export type { OptimizerOptions } from './optimizer';
export type { NamedVariables, ParameterGroup } from './parameter';
export { didYouMean } from './didYouMean';
export { checkOptions, parseOptions, type Fields } from './parseOptions';
export { runPhases, type Phase, type PhaseContext, type PhaseEntry, type RunPhasesOptions } from './phases';
export { cosineOrSteps, scheduleFactor, scheduleOptions, type ScheduleOptions } from './schedule';
export { settingDifferences } from './settingDifferences';
export { storedTraining } from './storedSettings';
export { shuffled } from './shuffled';
export { readVariables, writeVariables } from './variables';
export { WeightAverage } from './weightAverage';
export { withoutUndefined } from './withoutUndefined';
