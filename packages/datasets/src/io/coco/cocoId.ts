import { jsonText } from '../json/parseJson';

/** Ids are compared as text: VIA writes "1" where others write 1. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') return typeof value === 'object' && value !== null ? jsonText(value) : undefined;
  return /^-?\d{1,15}(\.0*)?$/.test(text) ? String(Number(text)) : text;
}
