import { detectAll, type Detector, type TimedDetections } from '@roikit/detectors';
import type { RgbImage } from '@roikit/image';
import { Command } from 'commander';
import { mkdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { drawBoxes } from '../draw/picture';
import { announce, engineLine, startEngine } from '../environment';
import { UserError } from '../errors';
import { SHOWN_SCORE } from '../evaluation';
import { findPictures } from '../findPictures';
import { findDetector, openDetectors } from '../modelFolder';
import { fraction, integer, shared } from '../options';
import { milliseconds } from '../report/overview';
import { detectionBoxes } from '../report/pictures';
import { overPictures } from '../overPictures';
import { pictureNames } from '../pictureNames';
import { runFolder } from '../runFolder';
import { interruptible } from '../terminal/interrupt';
import { count, print } from '../terminal/print';
import { table } from '../terminal/table';

interface DetectOptions {
  model: string;
  score: number;
  max?: number;
  draw: boolean;
  engine: string;
  workers: number;
  out?: string;
  json?: boolean;
}

export function detectCommand(): Command {
  return new Command('detect')
    .argument('<images...>', 'pictures, folders of pictures, or patterns such as "photos/**/*.jpg"')
    .requiredOption('--model <detector>', "a detector's folder, a training run's, or digits")
    .option('--score <x>', 'leave out detections below this score', fraction, SHOWN_SCORE)
    .option(
      '--max <n>',
      "at most this many a picture; default: the detector's own limit",
      integer({ min: 1 }),
    )
    .option('--no-draw', 'write no pictures')
    .addOption(shared.engine())
    .addOption(shared.workers())
    .addOption(shared.out('runs/detect/<picture>'))
    .addOption(shared.json())
    .action(detect);
}

/** What was found in one picture. */
interface Result {
  path: string;
  image: Pick<RgbImage, 'width' | 'height'>;
  detections: TimedDetections;
  /** The annotated PNG. */
  file?: string;
}

async function detect(patterns: string[], options: DetectOptions): Promise<void> {
  const { workers } = options;
  const pictures = await findPictures(patterns);
  const folder = findDetector(options.model);
  const engine = await startEngine(options.engine);
  const detector = await openDetectors(folder, { engine, workers });
  const { classes } = detector.config;
  const out = runFolder({ out: options.out, task: 'detect', name: parse(pictures[0] as string).name });
  announce([
    ['detector', `${folder} (${count(classes.length, 'class')})`],
    ['engine', engineLine(engine, workers)],
  ]);
  const draw = options.draw ? pictureWriter(out, classes) : undefined;
  const results = await interruptible((signal) =>
    detectPictures(pictures, detector, { ...options, draw, signal }),
  ).finally(() => detector.dispose());
  if (options.json)
    print(
      JSON.stringify(
        results.map((result) => toJson(result, classes)),
        null,
        2,
      ),
    );
  else printResults(results, classes, options.score);
  if (options.draw && !options.json && results.length > 0) print(`\npictures: ${out}`);
  if (results.length < pictures.length) {
    throw new UserError(
      `detect: ${count(pictures.length - results.length, 'picture')} of ${pictures.length} can't be read`,
    );
  }
}

type Writer = (path: string, image: RgbImage, detections: TimedDetections) => Promise<string>;

interface DetectPicturesOptions extends Pick<DetectOptions, 'score' | 'max'> {
  draw?: Writer;
  signal: AbortSignal;
}

async function detectPictures(
  pictures: readonly string[],
  detector: Detector,
  { score, max, draw, signal }: DetectPicturesOptions,
): Promise<Result[]> {
  const results: Result[] = [];
  const work = (images: AsyncIterable<RgbImage>) =>
    detectAll(detector, images, { scoreThreshold: score, maxDetections: max });
  const found = overPictures(pictures, work, { title: 'detecting', signal });
  for await (const { path, image, result: detections } of found) {
    const { width, height } = image;
    const file = await draw?.(path, image, detections);
    results.push({ path, image: { width, height }, detections, file });
  }
  return results;
}

/** Writes `<picture>.png` into a folder. */
function pictureWriter(folder: string, classes: readonly string[]): Writer {
  const nameOf = pictureNames();
  return async (path, image, detections) => {
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${nameOf(path)}.png`);
    await (await drawBoxes(image, detectionBoxes(detections, { classes }))).png().toFile(file);
    return file;
  };
}

function printResults(results: readonly Result[], classes: readonly string[], score: number): void {
  const rows = results.flatMap(({ path, detections: { boxes, scores, labels } }) =>
    Array.from(labels, (label, i) => [
      i === 0 ? path : '',
      classes[label - 1] as string,
      (scores[i] as number).toFixed(3),
      ...Array.from(boxes.subarray(i * 4, i * 4 + 4), (value) => value.toFixed(1)),
    ]),
  );
  const numbers = ['score', 'x1', 'y1', 'x2', 'y2'].map((title) => ({ title, align: 'right' as const }));
  if (rows.length > 0) print(table([{ title: 'picture' }, { title: 'class' }, ...numbers], rows) + '\n');
  const total = results.reduce((sum, { detections }) => sum + detections.labels.length, 0);
  const time =
    results.reduce((sum, { detections }) => sum + totalTime(detections), 0) / Math.max(1, results.length);
  const each = results.length > 0 ? `, ${milliseconds(time)} ms a picture` : '';
  print(`${count(total, 'object')} in ${count(results.length, 'picture')} (score at least ${score})${each}`);
  const empty = results.filter(({ detections }) => detections.labels.length === 0);
  if (empty.length > 0) print(`nothing found in ${empty.map(({ path }) => path).join(', ')}`);
}

function totalTime({ timings }: TimedDetections): number {
  return Object.values(timings).reduce((sum: number, value: number) => sum + value, 0);
}

function toJson({ path, image, detections, file }: Result, classes: readonly string[]): unknown {
  const { boxes, scores, labels, timings } = detections;
  const objects = Array.from(labels, (label, i) => ({
    class: classes[label - 1],
    label,
    score: scores[i],
    box: [...boxes.subarray(i * 4, i * 4 + 4)],
  }));
  return { image: path, width: image.width, height: image.height, detections: objects, timings, drawn: file };
}
