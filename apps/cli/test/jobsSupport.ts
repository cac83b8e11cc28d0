import { createDetector } from '@roikit/detectors';
import { saveDetector } from '@roikit/detectors/node';
import { mulberry32 } from '@roikit/geometry';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { useTestEngine } from '../../../packages/engine/test/testEngine';

/** Milliseconds a picture: for runs over thousands. Random weights, so that everything is an object. */
export async function saveFastDetector(folder: string, { seed = 1 } = {}): Promise<string> {
  await useTestEngine();
  const detector = createDetector({
    type: 'fast-rcnn',
    classes: ['bar', 'square'],
    backbone: { name: 'squeezenet1_1', layers: ['features.2'], frozenThrough: null },
    neck: null,
    transform: { minSize: 24, maxSize: 32 },
    proposals: { mode: 'single', maxProposals: 12 },
    regions: { outputSize: [2, 2] },
    head: { hidden: [8] },
    random: mulberry32(seed),
  });
  await saveDetector(detector, folder);
  detector.dispose();
  return folder;
}

/** Pictures of 32 × 24 with a few rectangles; no two alike. Every `bad`th is no picture. */
export async function writePictures(
  folder: string,
  { count, bad = Infinity }: { count: number; bad?: number },
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const random = mulberry32(11);
  for (let i = 0; i < count; i++) {
    const file = join(folder, `${String(i).padStart(5, '0')}.png`);
    if (i % bad === bad - 1) writeFileSync(file, 'no picture');
    else
      await sharp(pixels(random), { raw: { width: 32, height: 24, channels: 3 } })
        .png()
        .toFile(file);
  }
  return folder;
}

function pixels(random: () => number): Uint8Array {
  const data = new Uint8Array(32 * 24 * 3).fill(200);
  for (let r = 0; r < 3; r++) {
    const [left, top] = [Math.floor(random() * 20), Math.floor(random() * 14)];
    const [width, height] = [4 + Math.floor(random() * 8), 4 + Math.floor(random() * 6)];
    const colour = [random() * 255, random() * 255, random() * 255];
    for (let y = top; y < top + height; y++)
      for (let x = left; x < left + width; x++) data.set(colour, (y * 32 + x) * 3);
  }
  return data;
}

/** From source a process needs the loader that built code does not. */
export const LOADER = ['--import', 'tsx', '--conditions=@roikit/source'];

/** The command. */
export const MAIN = join(import.meta.dirname, '../src/main.ts');

export interface Running {
  process: ChildProcess;
  /** What it said, on both streams. */
  output(): string;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** The command in a process of its own. */
export function spawnRoikit(...args: string[]): Running {
  const child = spawn(process.execPath, [...LOADER, MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: join(import.meta.dirname, '..'),
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => void (text += String(data)));
  const ended = new Promise<Awaited<Running['ended']>>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  return { process: child, output: () => text, ended };
}
