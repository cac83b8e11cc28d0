import Table from 'cli-table3';
import pc from 'picocolors';

export interface Column {
  title: string;
  /** Numbers are read right-aligned. Default left. */
  align?: 'left' | 'right';
}

const NO_FRAME = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '' },
  ...{ right: '', 'right-mid': '', middle: '   ' },
};

/** Rows under a dim heading, without a frame: it can be read, and cut by `awk`. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const out = new Table({
    chars: NO_FRAME,
    colAligns: columns.map(({ align }) => align ?? 'left'),
    style: { 'padding-left': 0, 'padding-right': 0, compact: true, border: [], head: [] },
  });
  out.push(columns.map(({ title }) => pc.dim(title)), ...rows.map((row) => [...row]));
  return out
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
