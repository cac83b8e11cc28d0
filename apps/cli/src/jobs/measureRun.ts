import { makeReport, type TimedDetections } from '@roikit/detectors';
import type { FileDataset } from '@roikit/datasets/node';
import type { RunInfo, Storage } from '@roikit/jobs';
import type { CocoIds, PartRecord } from '@roikit/jobs/node';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { openFolder } from '../dataset/openFolder';
import { UserError } from '../errors';
import { toReportModel } from '../report/fromReport';
import type { ReportModel } from '../report/model';
import { readModelConfig } from './model';

/** Metrics of a run, of its records as they are collected. Boxes of all pictures are in memory: 24 bytes each. */
export interface Measured {
  add(record: PartRecord): void;
  report(): Pick<ReportModel, 'images' | 'ap50' | 'classes' | 'coco' | 'shownScore'> & {
    /** Pictures of the run that have no annotation. */
    unmatched: number;
  };
  /** Of a COCO file, so that its own tools understand the results. */
  ids?: CocoIds;
}

interface MeasureOptions {
  split?: string;
  run: RunInfo;
  storage: Storage;
}

export async function measureRun(path: string, { split, run, storage }: MeasureOptions): Promise<Measured> {
  const { classes } = await readModelConfig(storage);
  const dataset = await openFolder(path, { split, classes });
  const indexOf = pictureFinder(dataset, run);
  const found = new Map<number, TimedDetections>();
  let unmatched = 0;
  const shownScore = run.settings['score'] as number | undefined;
  return {
    add: (record) => {
      if ((record.frame ?? 0) > 0) return;
      const index = indexOf(record);
      if (index === undefined) unmatched++;
      else found.set(index, toDetections(record));
    },
    report: () => {
      if (found.size === 0)
        throw new UserError(`${path}: none of the run's pictures is annotated there; check --truths`);
      const indices = [...found.keys()];
      const truths = indices.map((index) => dataset.truth(index));
      const report = makeReport(classes, truths, [...found.values()], 0);
      const context = { title: '', subtitle: '', details: [], config: undefined, shownScore };
      const { images, ap50, classes: rows, coco } = toReportModel(report, context);
      return { images, ap50, classes: rows, coco, shownScore, unmatched };
    },
    ids: path.toLowerCase().endsWith('.json') ? await cocoIds(path, classes) : undefined,
  };
}

/** By path, else by file name: machines see the pictures in different places. */
function pictureFinder(dataset: FileDataset, { root }: RunInfo): (record: PartRecord) => number | undefined {
  const byPath = new Map<string, number>();
  const byName = new Map<string, number | undefined>();
  for (let index = 0; index < dataset.length; index++) {
    const file = dataset.imageFile(index);
    byPath.set(resolve(file), index);
    const name = basename(file);
    byName.set(name, byName.has(name) ? undefined : index); // two of one name: neither is sure
  }
  return ({ image }) => byPath.get(resolve(root, image)) ?? byName.get(basename(image));
}

function toDetections(record: PartRecord): TimedDetections {
  const found = 'error' in record ? [] : record.detections;
  return {
    boxes: Float32Array.from(found.flatMap(({ box }) => box)),
    scores: Float32Array.from(found, ({ score }) => score),
    labels: Int32Array.from(found, ({ label }) => label),
    timings: {},
  };
}

async function cocoIds(path: string, classes: readonly string[]): Promise<CocoIds | undefined> {
  const { images, categories } = JSON.parse(await readFile(path, 'utf8')) as {
    images?: { id: number; file_name: string }[];
    categories?: { id: number; name: string }[];
  };
  if (!Array.isArray(images) || !Array.isArray(categories)) return undefined;
  const imageId = new Map(images.map(({ id, file_name }) => [basename(file_name), id]));
  const categoryId = new Map(categories.map(({ id, name }) => [name, id]));
  return {
    image: ({ image }) => imageId.get(basename(image)),
    category: (label) => categoryId.get(classes[label - 1]!) ?? label,
  };
}
