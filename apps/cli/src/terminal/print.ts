import { pc } from './color';

/** Results go to stdout, so that they can be piped; everything about the run goes to stderr. */
export function print(line = ''): void {
  process.stdout.write(line + '\n');
}

export function note(line = ''): void {
  process.stderr.write(line + '\n');
}

export function warn(line: string): void {
  note(`${pc.yellow('warning:')} ${line}`);
}

/** `label  value` rows with the values in one column. */
export function fields(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${pc.dim(label.padEnd(width))}  ${value}`).join('\n');
}

/** What a command is about to do, before it starts. */
export function announce(rows: readonly (readonly [string, string])[]): void {
  note(fields(rows));
  note();
}
