import { SampleError } from '../../types';

/** A JSON object of any content. */
export type Json = Record<string, unknown>;

/** What is not JSON but found in it: `NaN` and `Infinity` of Python's writer, and whole numbers beyond 2⁵³. */
const loose = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b|(?<![\w.+-])-?\d{16,}(?![\d.eE])/g;

/**
 * Parses JSON as annotation tools write it: NaN and infinities are null, whole numbers of 16 digits and more are text, for
 * as numbers two ids would become one.
 */
export function parseJson(text: string): unknown {
  const isLoose = /NaN|Infinity|\d{16}/.test(text);
  return JSON.parse(isLoose ? text.replace(loose, strictly) : text);
}

function strictly(token: string): string {
  if (token.startsWith('"')) return token;
  return /[NI]/.test(token) ? 'null' : `"${token}"`;
}

/** Parses a file's text; throws a SampleError that names it. */
export function parseJsonFile(text: string, { file, cure }: { file: string; cure: string }): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SampleError(file, { what: `the file is not JSON (${reason})`, cure, cause });
  }
}

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number, or text that is one; NaN for anything else. */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
}

/** A value as JSON, which is told apart by it; one word for all that are nested deeper than the stack. */
export function jsonText(value: unknown): string {
  try {
    return String(JSON.stringify(value));
  } catch {
    return 'a value without end';
  }
}

/** More of a value than this tells a reader nothing. */
const longestWritten = 120;

/** A value as the file has it, for messages. Not String(): a record with a key `toString` has no text for it. */
export function written(value: unknown): string {
  const text = typeof value === 'string' ? value : jsonText(value);
  return text.length > longestWritten ? `${text.slice(0, longestWritten)} …` : text;
}
