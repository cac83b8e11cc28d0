import { createDetector } from '@roikit/detectors';
import { saveDetector } from '@roikit/detectors/node';
import { mulberry32 } from '@roikit/geometry';
import { writeSafetensors } from '@roikit/weights';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { vi } from 'vitest';
import { useTestEngine } from '../../../packages/engine/test/testEngine';
import { golden } from '../../../packages/detectors/test/torchvisionGolden';
import { seededState } from '../../../packages/detectors/test/torchvisionWeights';
import { run } from '../src/program';

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs one command line in this process; the engine starts only once. */
export async function roikit(...args: string[]): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const catching = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  try {
    return { code: await run(args), ...written };
  } finally {
    for (const spy of catching) spy.mockRestore();
  }
}

/** A file of weights of torchvision's smallest Faster R-CNN: random ones, of which it finds something. */
export function torchvisionFile(path: string): void {
  const state = seededState(golden.nets['fasterrcnn_mobilenet_v3_large_320_fpn']!);
  writeFileSync(path, writeSafetensors(state, { dtype: 'float16' }));
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'roikit-cli-'));
}

interface Shape {
  name: string;
  /** VOC corners: 1-based, inclusive. */
  corners: [number, number, number, number];
}

/** Of the first shape, and of the second. */
const COLOURS = ['#d03030', '#3050d0'];

/** Pictures of 96 × 96 with a red square and a blue bar each, in the devkit's layout, 2 of 3 to train on. */
export async function vocFolder(
  root: string,
  {
    pictures = 6,
    names: [square, bar] = ['square', 'bar'],
  }: { pictures?: number; names?: [string, string] } = {},
): Promise<string> {
  for (const folder of ['Annotations', 'JPEGImages', 'ImageSets/Main'])
    mkdirSync(join(root, folder), { recursive: true });
  const random = mulberry32(5);
  const ids: string[] = [];
  for (let i = 0; i < pictures; i++) {
    const id = `picture${i}`;
    const [x, y] = [1 + Math.floor(random() * 30), 1 + Math.floor(random() * 50)];
    const shapes: Shape[] = [
      { name: square, corners: [x, y, x + 31, y + 31] },
      { name: bar, corners: [x + 40, y, x + 51, y + 39] },
    ];
    await sharp(Buffer.from(toSvg(shapes.map(({ corners }) => corners))))
      .jpeg({ quality: 90 })
      .toFile(join(root, 'JPEGImages', `${id}.jpg`));
    writeFileSync(join(root, 'Annotations', `${id}.xml`), toXml(id, shapes));
    ids.push(id);
  }
  const split = (name: string, part: string[]) =>
    writeFileSync(join(root, 'ImageSets/Main', `${name}.txt`), part.join('\n') + '\n');
  split(
    'train',
    ids.filter((_, i) => i % 3 !== 2),
  );
  split(
    'val',
    ids.filter((_, i) => i % 3 === 2),
  );
  return root;
}

function toSvg(shapes: readonly Shape['corners'][]): string {
  const rectangles = shapes.map(([x1, y1, x2, y2], i) => {
    const size = `width="${x2 - x1 + 1}" height="${y2 - y1 + 1}"`;
    return `<rect x="${x1 - 1}" y="${y1 - 1}" ${size} fill="${COLOURS[i]}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96"><rect width="96" height="96" fill="#c8ccb8"/>${rectangles.join('')}</svg>`;
}

export function toXml(id: string, shapes: readonly Shape[]): string {
  const objects = shapes.map(
    ({ name, corners: [x1, y1, x2, y2] }) =>
      `<object><name>${name}</name><bndbox><xmin>${x1}</xmin><ymin>${y1}</ymin><xmax>${x2}</xmax><ymax>${y2}</ymax></bndbox></object>`,
  );
  return `<annotation><filename>${id}.jpg</filename><size><width>96</width><height>96</height><depth>3</depth></size>${objects.join('')}</annotation>`;
}

/** The smallest detector that still is one: a step takes a fraction of a second. */
export function writeTinyRecipe(folder: string, { epochs = 1 }: { epochs?: number } = {}): string {
  const file = join(folder, 'tiny.json');
  const recipe = {
    detector: {
      type: 'fast-rcnn',
      backbone: { name: 'squeezenet1_1', layers: ['features.4'] },
      transform: { minSize: 96, maxSize: 96 },
      proposals: { mode: 'single', maxProposals: 60 },
      regions: { outputSize: [3, 3] },
      head: { hidden: [32] },
    },
    training: {
      epochs,
      batch: { images: 2, regions: 16 },
      optimizer: { learningRate: 0.01 },
      schedule: { type: 'constant' },
      seed: 3,
    },
  };
  writeFileSync(file, JSON.stringify(recipe));
  return file;
}

/** A detector of random weights, for tests that only need the same answers twice. */
export async function saveRandomDetector(folder: string): Promise<string> {
  await useTestEngine();
  const detector = createDetector({
    type: 'fast-rcnn',
    classes: ['bar', 'square'],
    backbone: { name: 'squeezenet1_1', layers: ['features.4'], frozenThrough: null },
    transform: { minSize: 96, maxSize: 96 },
    proposals: { mode: 'single', maxProposals: 60 },
    regions: { outputSize: [3, 3] },
    head: { hidden: [32] },
    random: mulberry32(1),
  });
  await saveDetector(detector, folder);
  detector.dispose();
  return folder;
}
