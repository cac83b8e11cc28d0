// Memory of `detect` over many pictures: it must not grow with their number, nor must that of writing them as a data set.
// node --conditions=@roikit/source --import tsx apps/cli/bench/detectMemory.ts [pictures] [coco|voc|yolo]
import { createDetector } from '@roikit/detectors';
import { saveDetector } from '@roikit/detectors/node';
import { useEngine } from '@roikit/engine';
import { mulberry32 } from '@roikit/geometry';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { run } from '../src/program';

const pictures = Number(process.argv[2] ?? 2000);
const format = process.argv[3];
/** Rows of the table. */
const SAMPLES = 10;

const folder = mkdtempSync(join(tmpdir(), 'roikit-memory-'));
const photos = join(folder, 'photos');

/** Photos of 640 × 400 pixels, a few different ones many times. */
async function makePhotos(): Promise<void> {
  mkdirSync(photos);
  for (let i = 0; i < pictures; i++) {
    const file = join(photos, `${String(i).padStart(6, '0')}.jpg`);
    if (i >= 16) copyFileSync(join(photos, `${String(i % 16).padStart(6, '0')}.jpg`), file);
    else {
      const text = `<text x="${20 + 30 * i}" y="260" font-size="200" fill="#${i.toString(16)}83060">${i % 10}</text>`;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400"><rect width="640" height="400" fill="#c8ccb8"/>${text}</svg>`;
      await sharp(Buffer.from(svg)).jpeg().toFile(file);
    }
  }
}

/** A small detector of random weights: what is measured is the way there and back. */
async function makeDetector(): Promise<string> {
  await useEngine('wasm');
  const detector = createDetector({
    type: 'fast-rcnn',
    classes: ['a', 'b'],
    backbone: { name: 'squeezenet1_1', layers: ['features.4'], frozenThrough: null },
    transform: { minSize: 64, maxSize: 96 },
    proposals: { mode: 'single', maxProposals: 40, maxSize: 96 },
    regions: { outputSize: [3, 3] },
    head: { hidden: [32] },
    random: mulberry32(1),
  });
  const path = join(folder, 'detector');
  await saveDetector(detector, path);
  detector.dispose();
  return path;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0).padStart(5);

try {
  await makePhotos();
  const model = await makeDetector();
  const rows: [number, NodeJS.MemoryUsage][] = [];
  let lines = 0;
  // The command's own lines, a picture each, are counted instead of shown.
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text: string | Uint8Array): boolean => {
    lines += String(text).split('\n').length - 1;
    if (lines % Math.ceil(pictures / SAMPLES) === 0) rows.push([lines, process.memoryUsage()]);
    return true;
  };
  const out = join(folder, 'out');
  const started = performance.now();
  const flags = ['--engine', 'wasm', '--save', 'none', '--out', out, '--json'];
  if (format !== undefined) flags.push('--format', format);
  const writing = { rss: 0 };
  const watch = setInterval(() => {
    if (lines >= pictures) writing.rss = Math.max(writing.rss, process.memoryUsage().rss);
  }, 20);
  const code = await run(['detect', photos, '--model', model, '--score', '0.05', ...flags]);
  clearInterval(watch);
  process.stdout.write = write;
  const seconds = (performance.now() - started) / 1000;
  const kept = readFileSync(join(out, 'results.jsonl'), 'utf8').trim().split('\n').length;
  console.log(`exit ${code}, ${kept} lines in results.jsonl, ${seconds.toFixed(0)} s`);
  console.log('pictures   RSS MB   heap MB   buffers MB');
  for (const [count, { rss, heapUsed, arrayBuffers }] of rows)
    console.log(
      `${String(count).padStart(8)}    ${megabytes(rss)}     ${megabytes(heapUsed)}        ${megabytes(arrayBuffers)}`,
    );
  if (format !== undefined) console.log(`writing ${format}: at most ${megabytes(writing.rss)} MB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
