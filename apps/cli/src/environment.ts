import type { EngineInfo } from '@roikit/engine';
import { useEngine } from '@roikit/engine';
import { cpus } from 'node:os';
import type { ReportModel } from './report/model';
import { count, fields, note } from './terminal/print';

/** Brings up the engine that `--engine` names. */
export async function startEngine(name: string): Promise<EngineInfo> {
  return useEngine(name as Parameters<typeof useEngine>[0]);
}

/** @param workers pictures at a time, each on an engine of its own */
export function engineLine({ name, detail, threads }: EngineInfo, workers = 1): string {
  const used = threads > 0 ? `, ${count(threads, 'thread')}` : '';
  return `${name} (${detail}${used})${workers > 1 ? `, in each of ${workers} workers` : ''}`;
}

/** What a reader needs to run the same again. */
export function runDetails(engine: EngineInfo, workers = 1): ReportModel['details'] {
  return [
    ['Command', `roikit ${process.argv.slice(2).join(' ')}`],
    ['Engine', engineLine(engine, workers)],
    [
      'Machine',
      `Node ${process.versions.node} on ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model.trim()}`,
    ],
    ['Date', new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC'],
  ];
}

/** What a command is about to do, before it starts. */
export function announce(rows: readonly (readonly [string, string])[]): void {
  note(fields(rows));
  note();
}
