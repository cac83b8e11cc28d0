import { mulberry32 } from '@roikit/geometry';
import { readStateDict } from '@roikit/weights/node';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { train } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';
import { PHASED } from './phaseDetectors';
import { squares } from './scenes';
import { expectClose } from './staged';

const child = fileURLToPath(new URL('killedChild.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

let folder: string;
beforeAll(async () => {
  await useTestEngine();
  folder = await mkdtemp(join(tmpdir(), 'roikit-killed-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs until its end, or until so long after the nth event of a phase that nobody can say what it is at. */
function run(args: string[], kill?: { phase: string; events: number; after: number }): Promise<string> {
  const running = spawn(process.execPath, ['--conditions=@roikit/source', '--import', tsx, child, ...args]);
  let [said, seen] = ['', 0];
  running.stderr.on('data', (chunk) => (said += chunk));
  running.stdout.on('data', (chunk: Buffer) => {
    seen += String(chunk)
      .split('\n')
      .filter((line) => line === kill?.phase).length;
    if (kill && seen >= kill.events) setTimeout(() => running.kill('SIGKILL'), kill.after);
  });
  return new Promise((resolve) =>
    running.on('close', (code, signal) => resolve(signal ?? (code === 0 ? 'done' : said))),
  );
}

test.each(Object.entries(PHASED))(
  '%s: killed at a random moment of every phase, it ends as a run that nothing stopped',
  async (kind, { make, phases, options }) => {
    const random = mulberry32(kind.length);
    const result = join(folder, `${kind}.result`);
    const args = [kind, join(folder, `${kind}.checkpoint`), result];
    for (const phase of phases) {
      const events = 1 + Math.floor(random() * 6);
      const ended = await run(args, { phase, events, after: random() * 60 });
      expect(['SIGKILL', 'done']).toContain(ended); // on a fast machine the run may be over by then
    }
    expect(await run(args)).toBe('done');
    const whole = make();
    for await (const event of train(whole, squares({ count: 6 }), { ...options, random: mulberry32(2) }))
      void event;
    expectClose(await readStateDict(result), await whole.stateDict());
    whole.dispose();
  },
  // Up to four processes that load TensorFlow.js: seconds when idle, a minute each when the machine is busy.
  300_000,
);
