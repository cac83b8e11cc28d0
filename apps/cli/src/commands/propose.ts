import { distinctColor, drawSegmentation } from '@roikit/draw';
import type { Boxes } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import {
  graphSegmentation,
  selectiveSearch,
  type Proposals,
  type SelectiveSearchMode,
  type SelectiveSearchOptions,
} from '@roikit/proposals';
import { selectiveSearchPool } from '@roikit/proposals/node';
import { atomicWrite } from '@roikit/training/node';
import { Command, Option } from 'commander';
import { join } from 'node:path';
import type { Sharp } from 'sharp';
import { drawBoxes } from '../draw/picture';
import { count, duration } from '../format';
import { onlyWith } from '../onlyWith';
import { integer, positive, shared } from '../options';
import { findPictures } from '../pictures/findPictures';
import { overPictures } from '../pictures/overPictures';
import { baseName, pictureNames } from '../pictures/pictureNames';
import { refuseUnread } from '../pictures/refuseUnread';
import { usefulWorkers } from '../pictures/workers';
import { runFolder } from '../runs/runFolder';
import { interruptible } from '../terminal/interrupt';
import { print } from '../terminal/print';
import { table } from '../terminal/table';

interface ProposeOptions {
  mode: SelectiveSearchMode;
  max?: number;
  minSize: number;
  scale: number;
  draw?: boolean;
  workers: number;
  json?: boolean;
  out?: string;
}

/** Boxes that --draw shows without --max: more only hide the picture. */
const DRAWN = 100;

export function proposeCommand(): Command {
  return new Command('propose')
    .argument('<images...>', 'pictures, folders of pictures, or patterns such as "photos/**/*.jpg"')
    .addOption(
      new Option('--mode <name>', 'how thorough').choices(['single', 'fast', 'quality']).default('fast'),
    )
    .option('--max <n>', 'keep the first n boxes of a picture; default: all', integer({ min: 1 }))
    .option('--min-size <px>', 'drop boxes with a shorter side', integer({ min: 0 }), 0)
    .option('--draw', `write PNGs: a segmentation in colours, and the boxes (${DRAWN} without --max)`)
    .option('--scale <k>', "the drawn segmentation's k: larger regions with a larger k", positive, 200)
    .addOption(shared.workers())
    .addOption(shared.out('runs/propose/<picture>'))
    .addOption(shared.json())
    .action(propose);
}

/** What was proposed for one picture. */
interface Result extends Proposals {
  path: string;
  image: Pick<RgbImage, 'width' | 'height'>;
}

async function propose(patterns: string[], options: ProposeOptions, command: Command): Promise<void> {
  if (!options.draw) onlyWith(command, '--draw', ['scale', 'out']);
  const pictures = await findPictures(patterns);
  const out = runFolder({ out: options.out, task: 'propose', name: baseName(pictures[0] as string) });
  const started = performance.now();
  const results = await interruptible((signal) => proposeAll(pictures, { ...options, out, signal }));
  const elapsed = performance.now() - started;
  if (options.json) print(JSON.stringify(results.map(toJson)));
  else if (results.length > 0) printResults(results, elapsed, options);
  if (options.draw && !options.json && results.length > 0) print(`\npictures: ${out}`);
  refuseUnread('propose', { unread: pictures.length - results.length, all: pictures.length });
}

async function proposeAll(
  pictures: readonly string[],
  { mode, max, minSize, workers, signal, ...drawing }: ProposeOptions & { out: string; signal: AbortSignal },
): Promise<Result[]> {
  const search: SelectiveSearchOptions = { mode, maxProposals: max, minSize };
  // One at a time needs no thread, nor the time to start it.
  const threads = usefulWorkers(workers, pictures.length);
  const pool = threads > 1 ? selectiveSearchPool({ workers: threads }) : undefined;
  const work = (images: AsyncIterable<RgbImage>) =>
    pool === undefined ? oneByOne(images, search) : pool.selectiveSearchAll(images, search);
  const nameOf = pictureNames();
  const results: Result[] = [];
  try {
    for await (const found of overPictures(pictures, work, { title: 'searching', signal })) {
      const { path, image, result } = found;
      const { width, height } = image;
      if (drawing.draw) await draw(image, result.boxes, { ...drawing, max, name: nameOf({ source: path }) });
      results.push({ path, image: { width, height }, ...result });
    }
    return results;
  } finally {
    await pool?.close();
  }
}

async function* oneByOne(
  images: AsyncIterable<RgbImage>,
  options: SelectiveSearchOptions,
): AsyncGenerator<Proposals> {
  for await (const image of images) yield selectiveSearch(image, options);
}

function toJson({ path, image: { width, height }, boxes, scores }: Result): unknown {
  return { image: path, width, height, boxes: rows(boxes), scores: [...scores] };
}

function rows(boxes: Boxes): number[][] {
  return Array.from({ length: boxes.length / 4 }, (_, i) => [...boxes.subarray(i * 4, i * 4 + 4)]);
}

function printResults(results: readonly Result[], elapsed: number, { mode, workers }: ProposeOptions): void {
  const titles = ['boxes', 'smallest', 'median', 'largest'];
  const numbers = titles.map((title) => ({ title, align: 'right' as const }));
  const lines = results.map(({ path, image: { width, height }, boxes }) => [
    path,
    `${width} × ${height}`,
    (boxes.length / 4).toLocaleString('en'),
    ...sides(boxes),
  ]);
  print(table([{ title: 'picture' }, { title: 'size' }, ...numbers], lines) + '\n');
  const total = results.reduce((sum, { boxes }) => sum + boxes.length / 4, 0);
  const each = workers > 1 ? `, ${workers} pictures at a time` : '';
  print(
    `${count(total, 'box')} in ${count(results.length, 'picture')} (selective search, ${mode}), ${duration(elapsed)}${each}`,
  );
  print('smallest, median, largest: √ of the area, in pixels');
}

/** Extremes and median of the boxes' √area: shows at a glance whether small objects have a chance. */
function sides(boxes: Boxes): string[] {
  const all = rows(boxes).map(([x1, y1, x2, y2]) => Math.sqrt((x2! - x1!) * (y2! - y1!)));
  if (all.length === 0) return ['–', '–', '–'];
  all.sort((a, b) => a - b);
  return [0, 0.5, 1].map((share) => (all[Math.round(share * (all.length - 1))] as number).toFixed(0));
}

interface DrawOptions extends Pick<ProposeOptions, 'scale' | 'max'> {
  out: string;
  /** What the two files' names begin with. */
  name: string;
}

/** Writes `<name>-segmentation.png` and `<name>-proposals.png`. */
async function draw(
  image: RgbImage,
  boxes: Boxes,
  { out, name, scale, max = DRAWN }: DrawOptions,
): Promise<void> {
  const segmentation = drawSegmentation(image, graphSegmentation(image, { scale }));
  const write = async (kind: string, drawing: Sharp) =>
    atomicWrite(join(out, `${name}-${kind}.png`), await drawing.png().toBuffer());
  await write('segmentation', await drawBoxes(segmentation, []));
  const first = rows(boxes).slice(0, max);
  const drawn = first.map((box, i) => ({ box, label: i + 1, color: distinctColor(i) }));
  await write('proposals', await drawBoxes(image, drawn));
}
