import { fuse, type WeightSource } from '@roikit/backbones';
import {
  buildNetwork,
  classify,
  defaultPreprocessing,
  preprocessings,
  type Classification,
  type PreprocessingName,
  type TrainedClassifier,
} from '@roikit/classification';
import { openClassifier } from '@roikit/classification/node';
import { Command, Option } from 'commander';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fitWeights, guessSource, networkNamed } from '../classification/network';
import { timmPreprocessing } from '../classification/timm';
import { engineLine, startEngine } from '../engine/startEngine';
import { Interrupted, UsageError, UserError } from '../errors';
import { count, milliseconds } from '../format';
import { integer, shared } from '../options';
import { findPictures } from '../pictures/findPictures';
import { readOrWarn } from '../pictures/readPicture';
import { refuseUnread } from '../pictures/refuseUnread';
import { interruptible } from '../terminal/interrupt';
import { announce, print } from '../terminal/print';
import { Progress } from '../terminal/progress';
import { table } from '../terminal/table';
import { weightsNamed } from '../weights/imagenet';
import { readWeights } from '../weights/readWeights';

interface ClassifyOptions {
  model: string;
  weights?: string;
  source?: WeightSource;
  preprocessing?: PreprocessingName;
  topK: number;
  engine: string;
  json?: boolean;
}

/** ImageNet's usual measure: is the right class among five? */
const TOP_K = 5;

export function classifyCommand(): Command {
  return new Command('classify')
    .argument('<images...>', 'pictures, folders of pictures, or patterns such as "photos/**/*.jpg"')
    .requiredOption(
      '--model <network>',
      "a network, for example squeezenet1_1, or the folder of a 'train-classifier' run",
    )
    .option(
      '--weights <file>',
      "the network's weights: imagenet fetches torchvision's, else a file, an address or hf:owner/name[/file]",
    )
    .addOption(shared.source())
    .addOption(
      new Option('--preprocessing <name>', "how pictures are prepared; default: the network's own").choices(
        Object.keys(preprocessings),
      ),
    )
    .option('-k, --top-k <n>', 'classes to show a picture', integer({ min: 1 }), TOP_K)
    .addOption(shared.engine())
    .addOption(shared.json())
    .action(classifyAction);
}

/** `classes` are ImageNet's where absent. */
type OpenClassifier = Omit<TrainedClassifier, 'classes'> & Partial<Pick<TrainedClassifier, 'classes'>>;

/** The folder of the classifier that the user named by it, or by its training run's; undefined where there is none. */
function findClassifier(name: string): string | undefined {
  return [name, join(name, 'classifier')].find((folder) => existsSync(join(folder, 'classifier.json')));
}

/** What one picture shows. */
interface Result {
  path: string;
  classes: Classification[];
  milliseconds: number;
}

async function classifyAction(patterns: string[], options: ClassifyOptions): Promise<void> {
  const pictures = await findPictures(patterns);
  const results = await interruptible(async (signal) => {
    const open = await opener(options, signal);
    const engine = await startEngine(options.engine);
    const classifier = await open();
    announce([
      ['network', `${classifier.network}, ${options.weights ?? options.model}`],
      ['engine', engineLine(engine)],
    ]);
    return classifyAll(pictures, classifier, { topK: options.topK, signal });
  });
  if (options.json) print(JSON.stringify(results.map(toJson), null, 2));
  else printResults(results);
  refuseUnread('classify', { unread: pictures.length - results.length, all: pictures.length });
}

/** Finds and reads everything that may be missing, before an engine starts; what it returns builds the network. */
async function opener(
  { model: name, weights: given, preprocessing: chosen, ...options }: ClassifyOptions,
  signal: AbortSignal,
): Promise<() => Promise<OpenClassifier>> {
  const folder = findClassifier(name);
  if (folder !== undefined) {
    if ((given ?? chosen ?? options.source) !== undefined) {
      throw new UsageError(
        `classify: ${folder} brings its own; leave out --weights, --source and --preprocessing`,
      );
    }
    return () =>
      openClassifier(folder).catch((cause: Error) => {
        throw new UserError(cause.message, { cause });
      });
  }
  const network = networkNamed(name);
  if (given === undefined) {
    throw new UsageError(
      `classify: which weights? Give --weights imagenet, --weights <file> or --weights hf:owner/name for ${network}`,
    );
  }
  const weights = weightsNamed(given, network);
  const { source = guessSource(weights) } = options;
  const stateDict = await readWeights(weights, { signal });
  const preprocessing =
    chosen !== undefined
      ? preprocessings[chosen]
      : ((await timmPreprocessing(weights, { signal })) ?? defaultPreprocessing(network));
  return async () => {
    const { crop } = preprocessing;
    const model = buildNetwork(network, { source, inputShape: [crop, crop, 3] });
    fitWeights(model, stateDict, { file: weights, source });
    return { model, network, source, preprocessing };
  };
}

async function classifyAll(
  pictures: readonly string[],
  { model, classes, preprocessing }: OpenClassifier,
  { topK, signal }: { topK: number; signal: AbortSignal },
): Promise<Result[]> {
  const fused = fuse(model);
  const results: Result[] = [];
  const progress = new Progress({ title: 'classifying', total: pictures.length });
  try {
    for (const [index, path] of pictures.entries()) {
      if (signal.aborted) throw new Interrupted();
      const image = await readOrWarn(path);
      if (image !== undefined) {
        const started = performance.now();
        const found = await classify(fused, image, {
          topK,
          preprocessing,
          classNames: classes,
        });
        results.push({ path, classes: found, milliseconds: performance.now() - started });
      }
      progress.update(index + 1);
    }
    return results;
  } finally {
    progress.stop();
    fused.dispose();
    // Only now: a fused model computes with the dense layers of the one it came from.
    model.dispose();
  }
}

function printResults(results: readonly Result[]): void {
  if (results.length === 0) return;
  const rows = results.flatMap(({ path, classes }) =>
    classes.map(({ className, score }, i) => [i === 0 ? path : '', className, score.toFixed(3)]),
  );
  print(table([{ title: 'picture' }, { title: 'class' }, { title: 'score', align: 'right' }], rows));
  const time = results.reduce((sum, result) => sum + result.milliseconds, 0) / results.length;
  print(`\n${count(results.length, 'picture')}, ${milliseconds(time)} ms a picture`);
}

function toJson({ path, classes, milliseconds: time }: Result): unknown {
  const named = classes.map(({ className, label, score }) => ({ class: className, label, score }));
  return { image: path, classes: named, milliseconds: time };
}
