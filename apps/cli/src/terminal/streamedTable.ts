import stringWidth from 'string-width';
import { pc } from './color';
import type { Column } from './table';

/** A table that is printed while its rows come: the widths are known before. */
export interface StreamedTable {
  heading(): string;
  row(cells: readonly string[]): string;
}

/** @param columns with the width of their widest cell; wider ones push the rest of their row */
export function streamedTable(columns: readonly (Column & { width: number })[]): StreamedTable {
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align, width, title }, i) => {
        const cell = cells[i] ?? '';
        const space = ' '.repeat(Math.max(0, Math.max(width, title.length) - stringWidth(cell)));
        return align === 'right' ? space + cell : cell + space;
      })
      .join('   ')
      .trimEnd();
  return { heading: () => pc.dim(line(columns.map(({ title }) => title))), row: line };
}

/** Width of the widest text, in cells of the terminal. */
export function widest(texts: Iterable<string>): number {
  let width = 0;
  for (const text of texts) width = Math.max(width, stringWidth(text));
  return width;
}
