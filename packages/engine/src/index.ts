export { diagnose } from './diagnose';
export { EngineError } from './engineError';
export { settle } from './settle';
export { useEngine } from './useEngine';
export type {
  EngineInfo,
  EngineName,
  EngineOptions,
  EngineProblem,
  EngineReport,
  EngineStatus,
  GpuInfo,
} from './types';
