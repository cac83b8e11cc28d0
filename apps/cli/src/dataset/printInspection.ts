import type { DatasetInspection } from '@roikit/datasets/node';
import { inFlags } from '../errors';
import { fields, print } from '../terminal/print';
import { table } from '../terminal/table';

/** Problems, duplicates and files that are named; the rest is counted (`--json` has all). */
const SHOWN = 8;

/** What a folder holds, for people. */
export function printInspection(found: DatasetInspection, splits: Record<string, number>): void {
  print(fields(overview(found, splits)));
  print(`\n${classTable(found)}`);
  printList(
    'problems',
    found.problems.map(({ message }) => inFlags(message)),
  );
  printList(
    'groups of pictures with the same bytes',
    found.duplicates.map((files) => files.join(' = ')),
  );
  printList('pictures that nothing names', found.unused.pictures);
  printList('annotations that are not used', found.unused.annotations);
}

function overview(found: DatasetInspection, splits: Record<string, number>): [string, string][] {
  const { title, why, images, objects, emptyImages, badBoxes, repeatedBoxes, difficult, crowds } = found;
  const marks = [
    [difficult, 'difficult'],
    [crowds, 'crowds'],
  ] as const;
  const marked = marks.filter(([number]) => number > 0).map(([number, name]) => `, ${number} ${name}`);
  const empty = emptyImages > 0 ? `, ${emptyImages.toLocaleString('en')} without an object` : '';
  const bad = [
    ...(badBoxes > 0 ? [`${badBoxes} left out`] : []),
    ...(repeatedBoxes > 0 ? [`${repeatedBoxes} there twice`] : []),
  ];
  const parts = Object.entries(splits).map(([name, pictures]) => `${name} ${pictures.toLocaleString('en')}`);
  return [
    ['folder', found.path],
    ['format', `${title} (${why})`],
    ['pictures', `${images.toLocaleString('en')}${empty}`],
    ...(parts.length > 0 ? [['splits', parts.join(', ')] as [string, string]] : []),
    ['sizes', sizes(found)],
    ['objects', `${objects.toLocaleString('en')}${marked.join('')}`],
    ...(found.boxSizes ? [['boxes', boxSizes(found.boxSizes)] as [string, string]] : []),
    ['bad boxes', bad.join(', ') || 'none'],
  ];
}

function sizes({ sizes: all }: DatasetInspection): string {
  const shown = all.slice(0, 3).map(({ width, height, images }) => `${width}×${height} (${images})`);
  if (all.length <= 3) return shown.join(', ');
  const sides = all.flatMap(({ width, height }) => [width, height]);
  return `${shown.join(', ')}, ${all.length - 3} more; sides ${Math.min(...sides)} to ${Math.max(...sides)}`;
}

function boxSizes([least, q1, median, q3, most]: NonNullable<DatasetInspection['boxSizes']>): string {
  const px = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  return `√area ${px(least)} to ${px(most)} px, half of them ${px(q1)} to ${px(q3)}, median ${px(median)}`;
}

/** Objects and pictures by class, and a bar: how the classes are balanced shows at a glance. */
function classTable({ classes, objects }: DatasetInspection): string {
  const most = Math.max(1, ...classes.map((row) => row.objects));
  const rows = classes.map(({ name, objects: own, images }) => [
    name,
    own.toLocaleString('en'),
    images.toLocaleString('en'),
    `${((100 * own) / Math.max(1, objects)).toFixed(1)} %`,
    '━'.repeat(Math.ceil((20 * own) / most)),
  ]);
  const numbers = ['objects', 'pictures', 'share'].map((title) => ({ title, align: 'right' as const }));
  return table([{ title: 'class' }, ...numbers, { title: '' }], rows);
}

function printList(title: string, items: readonly string[]): void {
  if (items.length === 0) return;
  print(`\n${title}: ${items.length.toLocaleString('en')}`);
  for (const item of items.slice(0, SHOWN)) print(`  ${item}`);
  if (items.length > SHOWN)
    print(`  and ${(items.length - SHOWN).toLocaleString('en')} more; --json lists all`);
}
