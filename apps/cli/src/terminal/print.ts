import { pc } from './color';

/** Results go to stdout, so that they can be piped; everything about the run goes to stderr. */
export function print(line = ''): void {
  process.stdout.write(`${harmless(line)}\n`);
}

export function note(line = ''): void {
  process.stderr.write(`${harmless(line)}\n`);
}

const ESCAPE = '\u001B';

/** What makes an escape a colour. */
const COLOR = /^\[[\d;]*m/;

/** Text without what steers a terminal, but for colours and new lines: names of files, and in them, are strangers'. */
export function harmless(text: string): string {
  const isColor = (at: number): boolean => COLOR.test(text.slice(at + 1, at + 20));
  return text.replace(/\p{Cc}/gu, (control, at: number) =>
    control === '\n' || control === '\t' || (control === ESCAPE && isColor(at)) ? control : '�',
  );
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
