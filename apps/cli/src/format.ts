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

/** All names of a short list, the first ten of a long one. */
export function shortList(names: readonly string[]): string {
  return names.length <= 12 ? names.join(', ') : `${names.slice(0, 10).join(', ')} …`;
}

/** 4941984 → `4.9 MB`, 312 → `0.3 kB`. */
export function fileSize(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Of a picture, its unit beside it: one decimal below 100. */
export function milliseconds(value: number): string {
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

/** Three decimals; a dash where there is nothing to measure. */
export function ratio(value: number, digits = 3): string {
  return Number.isNaN(value) || value < 0 ? '–' : value.toFixed(digits);
}
