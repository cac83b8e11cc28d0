import type { ReportModel } from './model';

/** The numbers alone, for scripts: no curve, no configuration. What can't be measured is null. */
export function toResults(model: ReportModel): Record<string, unknown> {
  const { title, created, images, skipped, ap50, classes, coco, timings } = model;
  return {
    title,
    created,
    images,
    skipped,
    ap50: measured(ap50),
    coco: Object.fromEntries(coco.map(({ name, value }) => [name, measured(value)])),
    classes: classes.map(({ name, truths, detections, ap50: own, ap }) => ({
      name,
      annotated: truths,
      detections,
      ap50: measured(own),
      ap: measured(ap),
    })),
    millisecondsPerImage: timings,
  };
}

function measured(value: number): number | null {
  return Number.isNaN(value) || value < 0 ? null : value;
}

/** A row a class and one for all, as RFC 4180 has it; empty cells where nothing can be measured. */
export function toCsv({ classes, ap50, coco }: ReportModel): string {
  const sum = (field: 'truths' | 'detections') => classes.reduce((total, row) => total + row[field], 0);
  const rows = [
    ...classes.map((row) => [row.name, row.truths, row.detections, measured(row.ap50), measured(row.ap)]),
    ['all', sum('truths'), sum('detections'), measured(ap50), measured(coco[0]?.value ?? -1)],
  ];
  const lines = [['class', 'annotated', 'detections', 'AP50', 'AP'], ...rows];
  return lines.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(value: string | number | null): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
