import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../runs/settingsFile';
import { pc } from '../terminal/color';
import { print } from '../terminal/print';
import { table } from '../terminal/table';
import { readRuns, stageGroups, testTime, trainingTime, type Compared } from './comparison';
import { comparisonPage } from './page';
import { comparisonPictures } from './pictures';
import { comparisonRows } from './rows';

/** Compares finished runs: a table on stdout, compare.html and compare.json in `out`. */
export async function compareRuns(
  folders: readonly string[],
  { out, json }: { out: string; json: boolean },
): Promise<void> {
  const runs = await readRuns(folders);
  const groups = comparisonRows(runs);
  const pictures = await comparisonPictures(runs);
  await mkdir(out, { recursive: true });
  const plain = runs.map(toJson);
  await writeJson(join(out, 'compare.json'), plain);
  const page = join(out, 'compare.html');
  await writeFile(page, comparisonPage(runs, groups, pictures));
  if (json) return print(JSON.stringify(plain, null, 2));
  const columns = [{ title: '' }, ...runs.map(({ name }) => ({ title: name, align: 'right' as const }))];
  const rows = groups.flatMap(({ title, rows: own }) => [
    [pc.bold(title), ...runs.map(() => '')],
    ...own.map(({ label, cells }) => [label, ...cells]),
  ]);
  print(table(columns, rows));
  print(`\nreport: ${page}`);
}

function toJson(run: Compared) {
  const { folder, name, about, report, paper } = run;
  const { type, backbone, bytes, training, fingerprint, images } = about;
  return {
    name,
    folder,
    type,
    backbone,
    data: { images: images.length, fingerprint },
    ap50: report.ap50,
    classes: report.classes.map(({ name: className, ap50, ap }) => ({ name: className, ap50, ap })),
    coco: Object.fromEntries(report.coco.map((number) => [number.name, number.value])),
    milliseconds: {
      training: training && { ...training, total: trainingTime(run) },
      test: { ...report.timings, withoutProposals: testTime(run), groups: stageGroups(run) },
    },
    bytes,
    paper,
  };
}
