import type { Report, TrainEvent } from '@roikit/detectors';
import { readFile } from 'node:fs/promises';
import { appendNaming } from '../errors';
import type { EpochRow } from '../report/model';

/** Events worth keeping. */
type Logged = Extract<
  TrainEvent,
  { type: 'start' | 'step' | 'epoch' | 'earlyStop' | 'skipped' | 'stopped' | 'done' }
>;

/** A run's history, one JSON object a line: grows while the run goes, and survives it. */
export class MetricsLog {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  write(event: TrainEvent): void {
    if (!isLogged(event)) return;
    const entry =
      event.type === 'epoch'
        ? { ...event, validation: event.validation && summary(event.validation) }
        : event;
    appendNaming(this.file, JSON.stringify({ time: new Date().toISOString(), ...entry }) + '\n');
  }

  /** Finished epochs; where a run was killed and went on, an epoch's last entry counts. */
  async epochs(): Promise<EpochRow[]> {
    const lines = (await readFile(this.file, 'utf8')).split('\n').filter((line) => line !== '');
    const rows = new Map<number, EpochRow>();
    for (const line of lines) {
      const entry = JSON.parse(line) as Logged;
      if (entry.type !== 'epoch') continue;
      rows.set(entry.epoch, { epoch: entry.epoch, losses: entry.losses, ap50: entry.score });
    }
    return [...rows.values()].sort((a, b) => a.epoch - b.epoch);
  }
}

function isLogged(event: TrainEvent): event is Logged {
  return event.type !== 'progress' && event.type !== 'validation' && event.type !== 'checkpoint';
}

/** A report without its curves and tables. */
export function summary({ images, skipped, ap50, classes, coco, timings }: Report): Record<string, unknown> {
  return { images, skipped, ap50, classes, coco: coco.stats, timings };
}
