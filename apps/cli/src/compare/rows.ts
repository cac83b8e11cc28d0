import { duration, fileSize, ratio } from '../format';
import { allKeys, stageGroups, testTime, trainingTime, type Compared } from './comparison';

/** A line of the table: what it is, and a cell for each run. */
interface Row {
  label: string;
  cells: string[];
}

export interface RowGroup {
  title: string;
  rows: Row[];
}

/** The whole comparison as text, for the page, the terminal and the README alike. */
export function comparisonRows(runs: readonly Compared[]): RowGroup[] {
  return [accuracy(runs), training(runs), testing(runs), size(runs), paper(runs)];
}

function accuracy(runs: readonly Compared[]): RowGroup {
  const classes = runs[0]!.report.classes.map(({ name }) => name);
  const coco = (name: string) => row(runs, name, ({ report }) => score(valueOf(report.coco, name)));
  return {
    title: 'Accuracy',
    rows: [
      row(runs, 'AP50 (VOC)', ({ report }) => score(report.ap50)),
      ...classes.map((name, i) => row(runs, `· ${name}`, ({ report }) => score(report.classes[i]!.ap50))),
      ...['AP', 'AP75'].map(coco),
    ],
  };
}

const valueOf = (numbers: Compared['report']['coco'], name: string): number =>
  numbers.find((number) => number.name === name)?.value ?? Number.NaN;

function training(runs: readonly Compared[]): RowGroup {
  const known = runs.filter(({ about }) => about.training !== undefined);
  const phases = allKeys(known.map(({ about }) => about.training!)).filter((phase) => phase !== 'data');
  return {
    title: 'Training time',
    rows: [
      row(runs, 'all phases', (run) => time(trainingTime(run))),
      ...phases.map((phase) => row(runs, `· ${phase}`, ({ about }) => time(about.training?.[phase]))),
      speedUp(runs, trainingTime),
    ],
  };
}

function testing(runs: readonly Compared[]): RowGroup {
  const stages = allKeys(runs.map(stageGroups));
  return {
    title: 'Test time, seconds an image',
    rows: [
      row(runs, 'without proposals', (run) => seconds(testTime(run))),
      ...stages.map((stage) => row(runs, `· ${stage}`, (run) => seconds(stageGroups(run)[stage] ?? 0))),
      speedUp(runs, testTime),
    ],
  };
}

function size(runs: readonly Compared[]): RowGroup {
  return {
    title: 'Size',
    rows: [row(runs, 'weights', ({ about }) => (about.bytes === undefined ? '–' : fileSize(about.bytes)))],
  };
}

/** What the papers measured, VGG16 on VOC07 and a K40: to be held against the speed-ups above, not the seconds. */
function paper(runs: readonly Compared[]): RowGroup {
  const first = runs[0]!.paper;
  const of = (label: string, read: (paper: NonNullable<Compared['paper']>) => string | undefined): Row =>
    row(runs, label, (run) => (run.paper && read(run.paper)) ?? '–');
  return {
    title: "The papers' (VGG16, VOC07, one K40)",
    rows: [
      of('AP50', ({ map }) => (map / 100).toFixed(3)),
      of('training, hours', ({ trainHours }) => trainHours?.toString()),
      of('· speed-up', ({ trainHours }) => against(first?.trainHours, trainHours)),
      of('test, seconds an image', ({ secondsPerImage }) => secondsPerImage.toString()),
      of('· speed-up', ({ secondsPerImage }) => against(first?.secondsPerImage, secondsPerImage)),
    ],
  };
}

/** Against the first run. */
function speedUp(runs: readonly Compared[], read: (run: Compared) => number | undefined): Row {
  const first = read(runs[0]!);
  return row(runs, '· speed-up', (run) => against(first, read(run)) ?? '–');
}

function row(runs: readonly Compared[], label: string, cell: (run: Compared) => string): Row {
  return { label, cells: runs.map(cell) };
}

/** JSON has no NaN: a class without objects comes back as null. */
const score = (value: number | null): string => ratio(value ?? Number.NaN);

const time = (value: number | undefined): string => (value === undefined ? '–' : duration(value));
const seconds = (value: number): string => (value / 1000).toPrecision(3);

/** `12×`: how many times the first is the own. */
function against(first: number | undefined, own: number | undefined): string | undefined {
  if (first === undefined || own === undefined) return undefined;
  return `${(first / own).toFixed(first / own < 10 ? 1 : 0)}×`;
}
