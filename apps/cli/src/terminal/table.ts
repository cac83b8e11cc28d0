import Table from 'cli-table3';
import { pc } from './color';

export interface Column {
  title: string;
  /** Numbers are read right-aligned. Default left. */
  align?: 'left' | 'right';
}

/** cli-table3's names for the pieces of a frame; only the one between columns is kept, as space. */
const FRAME = [
  'top,top-mid,top-left,top-right,bottom,bottom-mid,bottom-left,bottom-right',
  'left,left-mid,mid,mid-mid,right,right-mid',
];
const NO_FRAME = Object.fromEntries(
  FRAME.join(',')
    .split(',')
    .map((piece) => [piece, '']),
);

/** Rows under a dim heading, without a frame: it can be read, and cut by `awk`. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const out = new Table({
    chars: { ...NO_FRAME, middle: '   ' },
    colAligns: columns.map(({ align }) => align ?? 'left'),
    style: { 'padding-left': 0, 'padding-right': 0, compact: true, border: [], head: [] },
  });
  out.push(
    columns.map(({ title }) => pc.dim(title)),
    ...rows.map((row) => [...row]),
  );
  return out
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
