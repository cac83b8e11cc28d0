export type {
  DetectOptions,
  EvaluateEvent,
  Losses,
  ProposalSource,
  Report,
  StageTimings,
  TimedDetections,
  TrainEvent,
} from './types';
