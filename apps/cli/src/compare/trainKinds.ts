import { subset, type Dataset } from '@roikit/datasets';
import type { EngineInfo } from '@roikit/engine';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spread } from '../dataset/spread';
import { proposalCache } from '../detector/proposalCache';
import { engineLine, startEngine } from '../engine/startEngine';
import { UserError } from '../errors';
import { count } from '../format';
import { isMeasured } from '../report/measured';
import { checkpointPath } from '../runs/checkpoint';
import { inFolder } from '../runs/runFolder';
import { announce, note } from '../terminal/print';
import { openTrainingData, type TrainingData } from '../training/data';
import { measureRun } from '../training/measure';
import { readRecipe } from '../training/recipe';
import { openRun, trainToEnd } from '../training/run';
import { readSettings, resolveSettings, type TrainFlags, type TrainSettings } from '../training/settings';
import { enterAs } from './entered';
import { compressRun, type Entrant } from './entrants';

export interface CompareFlags extends Omit<
  TrainFlags,
  'type' | 'recipe' | 'valSplit' | 'valShare' | 'resume'
> {
  types?: string[];
  recipes?: string;
  testSplit?: string;
  testShare?: number;
  trainPictures?: number;
  testPictures?: number;
}

/**
 * Trains and measures each kind on the same pictures, one after the other, in folders of their own; what an earlier call
 * has finished stays, what it had begun goes on, as long as it asks for the same.
 *
 * @returns the folders
 */
export async function trainKinds(
  flags: Omit<CompareFlags, 'types'> & { types: Entrant[] },
  { out, signal }: { out: string; signal: AbortSignal },
): Promise<string[]> {
  const engine = await startEngine(flags.engine);
  const folders: string[] = [];
  for (const entrant of flags.types) {
    const folder = join(out, entrant.name);
    folders.push(folder);
    const trained = join(out, entrant.kind);
    const asked = await newSettings(entrant, flags);
    const { trainPictures, testPictures } = flags;
    await enterAs(trained, { settings: asked, trainPictures, testPictures });
    const place = { folder, trained, asked, engine, signal, goOn: `the same command and --out ${out}` };
    if (isMeasured(folder)) note(`${folder}: measured already\n`);
    else await enter(entrant, flags, place);
  }
  return folders;
}

interface Place {
  folder: string;
  /** Where the detector is trained: the same, but for one that is compressed. */
  trained: string;
  asked: TrainSettings;
  engine: EngineInfo;
  signal: AbortSignal;
  /** How a run that was stopped goes on. */
  goOn: string;
}

type Flags = Omit<CompareFlags, 'types'>;

async function enter(entrant: Entrant, flags: Flags, place: Place) {
  const { folder, trained, asked, engine, signal, goOn } = place;
  const settings = existsSync(checkpointPath(trained)) ? await readSettings(trained) : asked;
  const data = fewer(await openTrainingData(settings), flags);
  const { validation: test } = data;
  if (test === undefined)
    throw new UserError('compare: nothing to measure on; give --test-split or --test-share');
  await inFolder(folder, async () => {
    const run = await openRun({ out: trained, settings, engine, data });
    announce([
      ['detector', `${entrant.name} on ${run.detector.config.backbone.name}`],
      ['data', `${data.dataset.name}, ${count(data.dataset.length, 'image')}, ${test.length} to test`],
      ['engine', engineLine(engine)],
      ['folder', folder],
    ]);
    // Proposals of the test are computed anew: their time is part of what is compared.
    const { type } = run.detector.config;
    const measuring = { dataset: test, out: folder, title: `${type}: ${test.name}`, signal };
    if (entrant.compressed) {
      const { detector } = await compressRun(trained);
      await measureRun(run, { ...measuring, detector });
      detector.dispose();
    } else {
      const cache = proposalCache(run.detector, flags.cache);
      await trainToEnd(run, { signal, proposals: cache.source, goOn }).finally(() => cache.close());
      await measureRun(run, measuring);
    }
    run.detector.dispose();
  });
}

async function newSettings({ kind: type }: Entrant, flags: Flags): Promise<TrainSettings> {
  const { recipes, testSplit, testShare, trainPictures: _, testPictures: __, ...shared } = flags;
  const recipe = recipes === undefined ? undefined : join(recipes, `${type}.json`);
  const found = recipe !== undefined && existsSync(recipe) ? recipe : undefined;
  return resolveSettings(
    { ...shared, recipe: found, type, valSplit: testSplit, valShare: testShare },
    found === undefined ? {} : await readRecipe(found, type),
  );
}

/** At most so many pictures of each part. */
function fewer(
  { dataset, validation }: TrainingData,
  { trainPictures, testPictures }: Pick<CompareFlags, 'trainPictures' | 'testPictures'>,
): TrainingData {
  return {
    dataset: atMost(dataset, trainPictures),
    validation: validation && atMost(validation, testPictures),
  };
}

function atMost(dataset: Dataset, most = Infinity): Dataset {
  return dataset.length <= most ? dataset : subset(dataset, spread(dataset.length, most));
}
