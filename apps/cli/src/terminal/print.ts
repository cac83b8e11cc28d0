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

/** 3723 s → `1h 02m`, 192 s → `3m 12s`, 4.2 s → `4.2s`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
}

/** `1 image`, `3 images`, `2 boxes`. */
export function count(number: number, noun: string): string {
  const plural = noun.endsWith('x') || noun.endsWith('s') ? 'es' : 's';
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : plural}`;
}
