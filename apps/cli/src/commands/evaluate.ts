import { Command } from 'commander';
import type { Dataset } from '@roikit/datasets';
import type { DatasetFormat } from '@roikit/datasets/node';
import { DIGITS, digitScenes, scenePurpose } from '../dataset/digitScenes';
import { hasObjects, openFolder } from '../dataset/openFolder';
import { detectorName, findDetector } from '../detector/findDetector';
import { openDetectors } from '../detector/openDetector';
import { proposalCache } from '../detector/proposalCache';
import { engineLine, startEngine } from '../engine/startEngine';
import { UserError } from '../errors';
import { runEvaluation } from '../evaluation/runEvaluation';
import { count } from '../format';
import { onlyWith } from '../onlyWith';
import { integer, shared } from '../options';
import { measuredDetector } from '../report/measured';
import { printReport } from '../report/printReport';
import { runDetails } from '../report/runDetails';
import { writeReport } from '../report/writeReport';
import { inFolder, runFolder } from '../runs/runFolder';
import { interruptible } from '../terminal/interrupt';
import { announce, print } from '../terminal/print';

interface EvaluateOptions {
  data: string;
  format?: 'auto' | DatasetFormat;
  images?: string;
  annotations?: string;
  split?: string;
  strict?: boolean;
  count: number;
  seed: number;
  engine: string;
  workers: number;
  cache?: string | true;
  out?: string;
  json?: boolean;
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .argument('<detector>', "a detector's folder, a training run's, or digits (digits-faster-rcnn …)")
    .requiredOption('--data <folder>', `annotated pictures, or ${DIGITS} for synthetic scenes`)
    .addOption(shared.format())
    .addOption(shared.images())
    .addOption(shared.annotations())
    .option('--split <name>', 'the part of the data to use; default: all, and test for digits')
    .addOption(shared.strict())
    .option('--count <n>', 'with --data digits: how many scenes', integer({ min: 1 }), 200)
    .option('--seed <n>', 'with --data digits: which scenes', integer({ min: 0 }), 1)
    .addOption(shared.engine())
    .addOption(shared.workers())
    .option(
      '--cache [folder]',
      'take proposals from the cache; their time is then not that of computing them',
    )
    .addOption(shared.out('runs/evaluate/<detector>'))
    .addOption(shared.json())
    .action(evaluate);
}

const SCENE_OPTIONS = ['count', 'seed'];
const FOLDER_OPTIONS = ['format', 'images', 'annotations', 'strict'];

async function evaluate(model: string, options: EvaluateOptions, command: Command): Promise<void> {
  if (options.data === DIGITS) onlyWith(command, 'a folder of pictures as --data', FOLDER_OPTIONS);
  else onlyWith(command, `--data ${DIGITS}`, SCENE_OPTIONS);
  const { workers } = options;
  const folder = findDetector(model);
  const engine = await startEngine(options.engine);
  const detector = await openDetectors(folder, { engine, workers });
  const dataset = await openData(options, detector.config.classes);
  const title = `${detectorName(folder)} on ${dataset.name}${options.split ? `, ${options.split}` : ''}`;
  announce([
    ['detector', `${folder} (${detector.config.type}, ${detector.config.backbone.name})`],
    ['data', `${dataset.name}, ${count(dataset.length, 'image')}`],
    ['engine', engineLine(engine, workers)],
  ]);
  const cacheFolder = options.cache === true ? undefined : options.cache;
  const cache = options.cache === undefined ? undefined : proposalCache(detector, cacheFolder);
  const out = runFolder({ out: options.out, task: 'evaluate', name: detectorName(folder) });
  const { page, model: report } = await inFolder(out, async () => {
    const evaluation = await interruptible((signal) =>
      runEvaluation(detector, dataset, { signal, proposals: cache?.source }),
    );
    return writeReport(out, evaluation, {
      dataset,
      title,
      subtitle: `${detector.config.type} on ${detector.config.backbone.name}, ${count(detector.config.classes.length, 'class')}`,
      details: [
        ['Detector', folder],
        ['Data', `${options.data}${options.split ? `, ${options.split}` : ''}`],
        ...runDetails(engine, workers),
      ],
      config: detector.config,
      measured: measuredDetector(detector, {
        path: options.data,
        format: options.format,
        images: options.images,
        annotations: options.annotations,
      }),
    });
  }).finally(() => Promise.all([cache?.close(), detector.dispose()]));
  if (options.json) return print(JSON.stringify(report, null, 2));
  printReport(report);
  print(`\nreport: ${page}`);
}

/** The data with the detector's own class list, so that the labels mean the same. */
async function openData(options: EvaluateOptions, classes: readonly string[]): Promise<Dataset> {
  const { data, format, images, annotations, split, strict, count: number, seed } = options;
  if (data === DIGITS) return digitScenes(scenePurpose(split), { count: number, seed });
  const dataset = await openFolder(data, { format, images, annotations, split, classes, strict });
  if (!hasObjects(dataset)) {
    const list = classes.slice(0, 12).join(', ');
    throw new UserError(`${data}: none of the detector's classes (${list}) is annotated there; check --data`);
  }
  return dataset;
}
