import { DETECTORS, type About, type DetectorKind } from '@roikit/detectors';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../errors';
import { readMeasured, type Measured } from '../report/measured';
import type { ReportModel } from '../report/model';
import { SVD } from './entrants';

/** A finished run as a column of the comparison. */
export interface Compared {
  folder: string;
  name: string;
  about: Measured;
  report: ReportModel;
  /** All detections, COCO's results format. */
  detections: string;
  paper?: About['paper'];
}

/** Stages by what they are for, as the papers count them; what is in no group is a group of its own. */
const GROUPS: Record<string, string> = {
  transform: 'features',
  backbone: 'features',
  regions: 'features',
  postprocess: 'NMS',
};

/** Reads finished runs. UserError where one is not measured, or on other pictures than the first. */
export async function readRuns(folders: readonly string[]): Promise<Compared[]> {
  const runs = await Promise.all(folders.map(readRun));
  for (const run of runs.slice(1)) refuseOtherData(runs[0]!, run);
  return runs;
}

async function readRun(folder: string): Promise<Compared> {
  const { about, detections } = await readMeasured(folder);
  const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as ReportModel;
  const kind: About | undefined = Object.hasOwn(DETECTORS, about.type)
    ? DETECTORS[about.type as DetectorKind].about
    : undefined;
  const own = basename(resolve(folder));
  const known = kind?.name ?? about.type;
  const [name, paper] =
    own === `${about.type}${SVD}`
      ? [`${known}, SVD`, kind?.svd]
      : [own === about.type ? known : `${known} (${own})`, kind?.paper];
  return { folder, name, about, report, detections, paper };
}

function refuseOtherData(first: Compared, other: Compared): void {
  if (first.about.fingerprint === other.about.fingerprint) return;
  const known = new Set(first.about.images);
  const common = other.about.images.filter((id) => known.has(id)).length;
  const [a, b] = [first.about.images.length, other.about.images.length];
  const how =
    a === b && common === a
      ? 'the same pictures with other annotations, classes or order'
      : `${a} and ${b} pictures, ${common} of them in both`;
  throw new UserError(
    `compare: ${first.folder} and ${other.folder} were measured on different data (${how}); measure both on the same: roikit evaluate <run> --data … --split …`,
  );
}

/** Milliseconds an image: proposals, features, head, NMS. */
export function stageGroups({ report }: Compared): Record<string, number> {
  const groups: Record<string, number> = { proposals: 0, features: 0 };
  for (const [stage, time] of Object.entries(report.timings)) {
    const group = GROUPS[stage] ?? stage;
    groups[group] = (groups[group] ?? 0) + time;
  }
  return groups;
}

/** Of milliseconds by name. */
export const total = (times: Record<string, number>): number =>
  Object.values(times).reduce((sum, value) => sum + value, 0);

/** Milliseconds an image once its proposals are there, as the papers count test time. */
export function testTime(run: Compared): number {
  const { proposals: _, ...rest } = stageGroups(run);
  return total(rest);
}

/** Milliseconds of training, proposals of the data left out: they are computed once for all. */
export function trainingTime({ about: { training } }: Compared): number | undefined {
  if (training === undefined) return undefined;
  const { data: _, ...phases } = training;
  return total(phases);
}

/** Keys of all records, in the order in which they come up. */
export function allKeys(records: readonly Record<string, unknown>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}
