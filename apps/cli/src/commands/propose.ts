import { readImage } from '@roikit/datasets/node';
import type { Boxes, RgbImage } from '@roikit/geometry';
import { graphSegmentation, selectiveSearch, type SelectiveSearchMode } from '@roikit/proposals';
import { Command, Option } from 'commander';
import { mkdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { distinctColor } from '../draw/color';
import { drawBoxes } from '../draw/picture';
import { drawSegmentation } from '../draw/segmentation';
import { integer, positive, shared } from '../options';
import { runFolder } from '../runFolder';
import { count, duration, fields, print } from '../terminal/print';

interface ProposeOptions {
  mode: SelectiveSearchMode;
  max?: number;
  minSize: number;
  scale: number;
  draw?: boolean;
  json?: boolean;
  out?: string;
}

/** Boxes that --draw shows without --max: more only hide the picture. */
const DRAWN = 100;

export function proposeCommand(): Command {
  return new Command('propose')
    .argument('<image>', 'a picture')
    .addOption(
      new Option('--mode <name>', 'how thorough').choices(['single', 'fast', 'quality']).default('fast'),
    )
    .option('--max <n>', 'keep the first n boxes; default: all', integer({ min: 1 }))
    .option('--min-size <px>', 'drop boxes with a shorter side', integer({ min: 0 }), 0)
    .option('--draw', `write PNGs: a segmentation in colours, and the boxes (${DRAWN} without --max)`)
    .option('--scale <k>', "the drawn segmentation's k: larger regions with a larger k", positive, 200)
    .addOption(shared.out('runs/propose/<image>'))
    .addOption(shared.json())
    .action(propose);
}

async function propose(path: string, options: ProposeOptions): Promise<void> {
  const image = await readImage(path);
  const started = performance.now();
  const { mode, max: maxProposals, minSize } = options;
  const { boxes, scores } = selectiveSearch(image, { mode, maxProposals, minSize });
  const elapsed = performance.now() - started;
  const files = options.draw ? await draw(image, boxes, path, options) : [];
  if (options.json) return print(JSON.stringify({ image: path, boxes: rows(boxes), scores: [...scores] }));
  print(
    fields([
      ['image', `${path}, ${image.width} × ${image.height}`],
      ['proposals', `${count(boxes.length / 4, 'box')} in ${duration(elapsed)} (selective search, ${mode})`],
      ['sides', sideSummary(boxes)],
      ...files,
    ]),
  );
}

function rows(boxes: Boxes): number[][] {
  return Array.from({ length: boxes.length / 4 }, (_, i) => [...boxes.subarray(i * 4, i * 4 + 4)]);
}

/** Median and extremes of the boxes' √area: shows at a glance whether small objects have a chance. */
function sideSummary(boxes: Boxes): string {
  const sides = rows(boxes).map(([x1, y1, x2, y2]) => Math.sqrt((x2! - x1!) * (y2! - y1!)));
  if (sides.length === 0) return 'none';
  sides.sort((a, b) => a - b);
  const at = (share: number) => (sides[Math.round(share * (sides.length - 1))] as number).toFixed(0);
  return `${at(0)} to ${at(1)} px, half of them below ${at(0.5)} px (√ of the area)`;
}

/** Writes the two PNGs; returns what to print about them. */
async function draw(
  image: RgbImage,
  boxes: Boxes,
  path: string,
  { out, scale, max = DRAWN }: ProposeOptions,
): Promise<[string, string][]> {
  const folder = runFolder({ out, task: 'propose', name: parse(path).name });
  await mkdir(folder, { recursive: true });
  const segmentation = graphSegmentation(image, { scale });
  const segmentationFile = join(folder, 'segmentation.png');
  await (await drawBoxes(drawSegmentation(image, segmentation), [])).png().toFile(segmentationFile);
  const first = rows(boxes).slice(0, max);
  const drawn = first.map((box, i) => ({ box, label: i + 1, color: distinctColor(i) }));
  const boxesFile = join(folder, 'proposals.png');
  await (await drawBoxes(image, drawn)).png().toFile(boxesFile);
  return [
    ['segmentation', `${segmentationFile} (${count(segmentation.count, 'region')}, k = ${scale})`],
    ['boxes', `${boxesFile} (the first ${first.length})`],
  ];
}
