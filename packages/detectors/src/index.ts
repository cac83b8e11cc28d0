export type { AugmentOptions } from './augment';
export type { BackboneName } from './backbones';
export type { CheckpointStore, TrainProgress } from './checkpoint';
export { resolveConfig } from './config';
export type {
  BackboneConfig,
  DetectorConfig,
  DetectorOptions,
  NeckConfig,
  PostprocessConfig,
  ProposalsConfig,
  TransformConfig,
} from './config';
export { createDetector, type CreateDetectorOptions } from './createDetector';
export { packDetector, unpackDetector } from './detectorFiles';
export type { DetectorFiles, DetectorManifest, PackOptions } from './detectorFiles';
export { detectAll } from './detectAll';
export { evaluate, type EvaluateOptions } from './evaluate';
export { FastRCNN } from './fastRCNN';
export { loadDetector } from './loadDetector';
export type { OptimizerOptions } from './optimizer';
export type { ScheduleOptions } from './schedule';
export { train, type BatchOptions, type TrainOptions } from './train';
export type {
  Detector,
  DetectOptions,
  EvaluateEvent,
  Losses,
  ProposalSource,
  Report,
  StageTimings,
  TimedDetections,
  TrainEvent,
} from './types';
