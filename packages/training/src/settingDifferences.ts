/** Where two JSON values differ, for a person: `batch.images was 2, is 4`. Settings left out count as undefined. */
export function settingDifferences(before: unknown, now: unknown, path = ''): string[] {
  if (isRecord(before) && isRecord(now)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
    return [...keys].flatMap((key) =>
      settingDifferences(before[key], now[key], path === '' ? key : `${path}.${key}`),
    );
  }
  const [was, is] = [JSON.stringify(before), JSON.stringify(now)];
  return was === is ? [] : [`${path} was ${shown(was)}, is ${shown(is)}`];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(json: string | undefined): string {
  const text = json ?? 'not set';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
