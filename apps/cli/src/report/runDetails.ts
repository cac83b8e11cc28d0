import type { EngineInfo } from '@roikit/engine';
import { cpus } from 'node:os';
import { engineLine } from '../engine/startEngine';
import type { ReportModel } from './model';

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
