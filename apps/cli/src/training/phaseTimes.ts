import type { TrainEvent } from '@roikit/detectors';
import { atomicWrite } from '@roikit/training/node';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Milliseconds that a run's phases took, over all its parts: kept in the run's folder whenever the run is. */
export class PhaseTimes {
  readonly phases: Record<string, number>;
  private readonly file: string;
  private last = performance.now();

  private constructor(file: string, phases: Record<string, number>) {
    this.file = file;
    this.phases = phases;
  }

  /** Those of the run in `out` so far. */
  static async open(out: string): Promise<PhaseTimes> {
    const file = join(out, 'times.json');
    const text = await readFile(file, 'utf8').catch(() => '{}'); // a new run
    return new PhaseTimes(file, JSON.parse(text) as Record<string, number>);
  }

  /** The time since the event before belongs to the phase of this one; validation is no part of training. */
  async hear(event: TrainEvent): Promise<void> {
    const now = performance.now();
    const elapsed = now - this.last;
    this.last = now;
    if (!('phase' in event) || event.type === 'validation') return;
    this.phases[event.phase] = (this.phases[event.phase] ?? 0) + elapsed;
    if (event.type === 'progress' || event.type === 'step') return;
    await atomicWrite(this.file, new TextEncoder().encode(JSON.stringify(this.phases) + '\n'));
  }
}
