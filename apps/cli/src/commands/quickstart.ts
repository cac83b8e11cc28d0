import { Command } from 'commander';
import { atomicWrite } from '@roikit/training/node';
import { join } from 'node:path';
import type { Dataset } from '@roikit/datasets';
import { digitScenes } from '../dataset/digitScenes';
import { bundledDetector } from '../detector/findDetector';
import { openDetector } from '../detector/openDetector';
import { detectionBoxes } from '../draw/detectionBoxes';
import { drawBoxes } from '../draw/picture';
import { engineLine, startEngine } from '../engine/startEngine';
import { runEvaluation, type Evaluation } from '../evaluation/runEvaluation';
import { count } from '../format';
import { shared } from '../options';
import { printClasses, timesTable } from '../report/printReport';
import { toResults } from '../report/results';
import { runDetails } from '../report/runDetails';
import { writeReport } from '../report/writeReport';
import { pc } from '../terminal/color';
import { interruptible } from '../terminal/interrupt';
import { announce, fields, print } from '../terminal/print';

/** A dozen scenes: two each of 2 to 6 digits and a few more; enough to see, quick enough to wait for. */
const SCENES = { count: 12, seed: 2026 };

const FOLDER = join('runs', 'quickstart');

export function quickstartCommand(): Command {
  return new Command('quickstart')
    .addOption(shared.engine())
    .addOption(shared.out(FOLDER))
    .addOption(shared.json())
    .action(quickstart);
}

interface QuickstartFlags {
  engine: string;
  out?: string;
  json?: boolean;
}

async function quickstart({ engine: name, out = FOLDER, json }: QuickstartFlags): Promise<void> {
  const folder = bundledDetector('digits');
  const engine = await startEngine(name);
  const detector = await openDetector(folder);
  const { config } = detector;
  const dataset = digitScenes('test', SCENES);
  announce([
    ['detector', `digits: Fast R-CNN on ${config.backbone.name}, trained from scratch by roikit`],
    ['data', `${count(SCENES.count, 'scene')} with handwriting it has never seen`],
    ['engine', engineLine(engine)],
  ]);
  const evaluation = await interruptible((signal) => runEvaluation(detector, dataset, { signal }));
  await drawScenes(evaluation, dataset, out);
  const { page, model } = await writeReport(out, evaluation, {
    dataset,
    title: 'roikit quickstart: handwritten digits',
    subtitle: `Fast R-CNN on ${config.backbone.name}, ${count(SCENES.count, 'scene')} of digits that it has never seen`,
    details: [['Detector', '@roikit/pretrained, digits'], ...runDetails(engine)],
    config,
  });
  detector.dispose();
  if (json) return print(JSON.stringify({ report: page, ...toResults(model) }, null, 2));
  printClasses(model);
  print('\n' + timesTable(model.timings));
  print('\n' + whatNext(page, out));
}

/** One annotated PNG a scene. */
async function drawScenes({ images }: Evaluation, dataset: Dataset, out: string): Promise<void> {
  for (const { index, detections, verdict } of images) {
    const { id, image } = await dataset.get(index);
    const boxes = detectionBoxes(detections, {
      classes: dataset.classes,
      indices: [...verdict.right, ...verdict.wrong],
    });
    const png = await (await drawBoxes(image, boxes)).png().toBuffer();
    await atomicWrite(join(out, `scene-${id}.png`), png);
  }
}

function whatNext(page: string, out: string): string {
  const look: [string, string][] = [
    ['report', page],
    ['pictures', join(out, 'scene-*.png')],
  ];
  const next: [string, string][] = [
    [
      'your pictures',
      'npx roikit train --data DIR --backbone squeezenet1_1 --weights imagenet --out runs/mine',
    ],
    ['then', 'npx roikit evaluate runs/mine --data TEST-DIR'],
    ['', 'npx roikit detect photo.jpg --model runs/mine'],
    ['this machine', 'npx roikit doctor'],
  ];
  return `${pc.bold('Look at')}\n${fields(look)}\n\n${pc.bold('Go on with')}\n${fields(next)}`;
}
