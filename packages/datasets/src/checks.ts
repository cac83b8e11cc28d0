/** One of a few words. */
export function checkChoice(caller: string, name: string, value: unknown, choices: readonly string[]): void {
  if (choices.includes(value as string)) return;
  throw new RangeError(`${caller}: ${name} must be one of ${choices.join(', ')}, got ${String(value)}`);
}

/** Two numbers, the first at least `least` and no larger than the second, which is at most `most`. */
export function checkRange(
  caller: string,
  name: string,
  range: unknown,
  { least = -Infinity, most = Infinity }: { least?: number; most?: number } = {},
): void {
  const [low, high] = Array.isArray(range) && range.length === 2 ? (range as unknown[]) : [];
  if (typeof low === 'number' && typeof high === 'number' && low >= least && low <= high && high <= most)
    return;
  throw new RangeError(
    `${caller}: ${name} must be [low, high] with ${Number.isFinite(least) ? `${least} ≤ ` : ''}low ≤ high${Number.isFinite(most) ? ` ≤ ${most}` : ''}, got ${JSON.stringify(range)}`,
  );
}
