import { mulberry32 } from '@roikit/geometry';
import { checkpointFile } from '@roikit/training/node';
import type * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { train, type TrainEvent } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';
import { PHASED } from './phaseDetectors';
import { squares } from './scenes';
import { expectClose } from './staged';

/** What is wrong with the disk. */
const disk = vi.hoisted(() => ({ fault: undefined as 'full' | 'read-only' | undefined }));

vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof fs>();
  const refusal = (code: string, message: string) =>
    Object.assign(new Error(`${code}: ${message}`), { code, syscall: 'write' });
  const open = async (path: string, flags: string) => {
    const writes = flags === 'w';
    if (writes && disk.fault === 'read-only') throw refusal('EROFS', 'read-only file system');
    const file = await actual.open(path, flags);
    if (writes && disk.fault === 'full') fillUp(file);
    return file;
  };
  /** A full disk takes a part of a file, and then no more. */
  const fillUp = (file: fs.FileHandle) => {
    file.writeFile = async (data) => {
      await file.write((data as Uint8Array).subarray(0, 100));
      throw refusal('ENOSPC', 'no space left on device');
    };
  };
  return { ...actual, open };
});

const { mkdtemp, readdir, readFile, rm } = await import('node:fs/promises');

let folder: string;
beforeAll(async () => {
  await useTestEngine();
  folder = await mkdtemp(join(tmpdir(), 'roikit-disk-'));
});
afterAll(() => rm(folder, { recursive: true }));

const dataset = squares({ count: 4 });
const CURES = {
  full: 'make room on the disk',
  'read-only': 'choose a folder on a disk that is not read-only',
};

/** The phases of all detectors; the disk is full in some and read-only in others. */
const CASES = Object.entries(PHASED).flatMap(([kind, { phases }]) =>
  phases.map((phase, i) => ({
    kind,
    phase,
    fault: i % 2 === 0 ? ('full' as const) : ('read-only' as const),
  })),
);

test.each(CASES)(
  '$kind: a disk that is $fault in the phase $phase is an error that names the path, and the last good checkpoint stays',
  async ({ kind, phase, fault }) => {
    const { make, options } = PHASED[kind]!;
    const out = join(folder, `${kind}-${phase}`);
    const path = join(out, 'checkpoint.safetensors');
    const run = (detector = make()) =>
      train(detector, dataset, { ...options, random: mulberry32(2), checkpoint: checkpointFile(path) });

    let good: Uint8Array | undefined;
    let error: Error | undefined;
    const cut = make();
    try {
      for await (const event of run(cut)) {
        // The phase's first checkpoint is written, its second is not.
        if (!isCheckpointOf(event, phase)) continue;
        good = await readFile(path);
        disk.fault = fault;
      }
    } catch (caught) {
      error = caught as Error;
    } finally {
      disk.fault = undefined;
    }
    expect(error?.message).toContain(`${path}: can't be written`);
    expect(error?.message).toContain(CURES[fault]);
    expect(new Uint8Array(await readFile(path))).toEqual(new Uint8Array(good!));
    expect(await readdir(out)).toEqual(['checkpoint.safetensors']);

    // With room again, the run goes on from there and ends as one that nothing stopped.
    const [resumed, whole] = [make(mulberry32(9)), make()];
    for await (const event of run(resumed)) void event;
    for await (const event of train(whole, dataset, { ...options, random: mulberry32(2) })) void event;
    expectClose(await resumed.stateDict(), await whole.stateDict());
    for (const detector of [cut, resumed, whole]) detector.dispose();
  },
);

function isCheckpointOf(event: TrainEvent, phase: string): boolean {
  return event.type === 'checkpoint' && event.phase === phase;
}
