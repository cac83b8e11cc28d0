import type { Report, StageTimings } from '@roikit/detectors';
import { milliseconds, ratio } from '../format';
import { pc } from '../terminal/color';
import { print } from '../terminal/print';
import { table } from '../terminal/table';
import type { ReportModel } from './model';

/** Classes, the COCO numbers and the times, as tables in the terminal. */
export function printReport(model: ReportModel): void {
  printClasses(model);
  print();
  print(cocoTable(model));
  print();
  print(timesTable(model.timings));
}

/** What the table of classes shows. */
type ClassesModel = Pick<ReportModel, 'classes' | 'ap50' | 'coco' | 'shownScore'>;

export function printClasses(model: ClassesModel): void {
  print(classesTable(model));
}

/** A row a class. Of the detections only those that are shown: average precision looks at hundreds of low scores too. */
export function classesTable({ classes, ap50, coco, shownScore }: ClassesModel): string {
  const rows = classes.map(({ name, truths, shown, ap50: own, ap }) => [
    name,
    String(truths),
    String(shown),
    ratio(own),
    ratio(ap),
  ]);
  const sum = (field: 'truths' | 'shown') => String(classes.reduce((total, row) => total + row[field], 0));
  rows.push(
    ['all', sum('truths'), sum('shown'), ratio(ap50), ratio(coco[0]?.value ?? -1)].map((cell) =>
      pc.bold(cell),
    ),
  );
  const detected = shownScore === undefined ? 'detected' : `detected (score ≥ ${shownScore})`;
  const columns = [
    { title: 'class' },
    ...['annotated', detected, 'VOC AP50', 'COCO AP'].map((title) => ({
      title,
      align: 'right' as const,
    })),
  ];
  return table(columns, rows);
}

/** The twelve numbers in two columns, precision beside recall. */
export function cocoTable({ coco }: Pick<ReportModel, 'coco'>): string {
  const half = coco.length / 2;
  const rows = coco.slice(0, half).map((left, i) => {
    const right = coco[i + half] as (typeof coco)[number];
    return [left.name, left.meaning, ratio(left.value), right.name, right.meaning, ratio(right.value)];
  });
  const number = { title: '', align: 'right' as const };
  return table([{ title: 'COCO' }, { title: '' }, number, { title: '' }, { title: '' }, number], rows);
}

export function timesTable(timings: StageTimings): string {
  const stages = Object.entries(timings);
  const total = stages.reduce((sum, [, value]) => sum + value, 0);
  const rows = stages.map(([stage, value]) => [stage, milliseconds(value)]);
  rows.push([pc.bold('total'), pc.bold(milliseconds(total))]);
  return table([{ title: 'stage' }, { title: 'ms per image', align: 'right' }], rows);
}

/** `AP50 0.812 (RBC 0.83, WBC 0.98, Platelets 0.62)` */
export function oneLine({ ap50, classes }: Report): string {
  const parts = classes.map(({ name, ap50: own }) => `${name} ${ratio(own, 2)}`);
  const shown = parts.length > 6 ? '' : ` ${pc.dim(`(${parts.join(', ')})`)}`;
  return `AP50 ${pc.bold(ratio(ap50))}${shown}`;
}
