export { estimateRun, type RunEstimate, type RunPlan } from './estimateRun';
export type {
  Attempt,
  FailedShard,
  ManifestEntry,
  QueueCounts,
  RunInfo,
  ShardJob,
  ShardOutcome,
  ShardQueue,
  Storage,
  WorkOptions,
} from './types';
