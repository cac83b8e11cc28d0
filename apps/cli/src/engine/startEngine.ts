import { useEngine, type EngineInfo } from '@roikit/engine';
import { count } from '../format';

/** Brings up the engine that `--engine` names. */
export async function startEngine(name: string): Promise<EngineInfo> {
  return useEngine(name as Parameters<typeof useEngine>[0]);
}

/** @param workers pictures at a time, each on an engine of its own */
export function engineLine({ name, detail, threads }: EngineInfo, workers = 1): string {
  const used = threads > 0 ? `, ${count(threads, 'thread')}` : '';
  return `${name} (${detail}${used})${workers > 1 ? `, in each of ${workers} workers` : ''}`;
}
