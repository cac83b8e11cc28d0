export { diagnose } from './diagnose';
export { EngineError } from './engineError';
export { useEngine } from './useEngine';
export type {
  EngineInfo,
  EngineName,
  EngineOptions,
  EngineProblem,
  EngineReport,
  EngineStatus,
} from './types';
