import { readFile } from 'node:fs/promises';
import { SampleError } from '../types';

/** Text in an encoding that its file doesn't declare. */
class UndeclaredEncoding extends SampleError {}

/** Byte order marks, the longest first: UTF-32's begins with UTF-16's. */
const marks: [encoding: string, ...bytes: number[]][] = [
  ['utf-32le', 0xff, 0xfe, 0, 0],
  ['utf-32be', 0, 0, 0xfe, 0xff],
  ['utf-8', 0xef, 0xbb, 0xbf],
  ['utf-16le', 0xff, 0xfe],
  ['utf-16be', 0xfe, 0xff],
];

/** Names that editors and Python write for encodings that the WHATWG standard calls otherwise. */
const aliases: Record<string, string> = {
  cp65001: 'utf-8',
  cp936: 'gbk',
  ms936: 'gbk',
  'windows-936': 'gbk',
  cp949: 'euc-kr',
  ms949: 'euc-kr',
  uhc: 'euc-kr',
  cp950: 'big5',
  cp932: 'shift_jis',
  'latin-1': 'latin1',
  'iso-8859-1:1987': 'latin1',
  ascii: 'utf-8',
  'us-ascii': 'utf-8',
};

/**
 * Decodes a text file strictly: a byte order mark decides, else NUL bytes that only UTF-16 and UTF-32 have, else an XML
 * declaration, else UTF-8. Throws a SampleError that names the file where bytes don't fit: guessing would make one class
 * of two.
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const marked = marks.find(([, ...mark]) => mark.every((byte, i) => bytes[i] === byte));
  if (marked) return decode(bytes.subarray(marked.length - 1), { encoding: marked[0], file, by: 'mark' });
  const wide = wideEncoding(bytes);
  if (wide !== undefined) return decode(bytes, { encoding: wide, file, by: 'mark' });
  const declared = declaredEncoding(bytes);
  // Declared wide, but of single bytes: .NET writes "utf-16" into everything.
  if (declared === undefined || /^utf-?(16|32)/.test(declared))
    return decode(bytes, { encoding: 'utf-8', file });
  return decode(bytes, { encoding: declared, file, by: 'declaration' });
}

/** Reads and decodes a text file. Rejects with a SampleError where it is missing or can't be decoded. */
export async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new SampleError(file, {
      what: missing ? 'there is no such file' : `the file can't be read (${(cause as Error).message})`,
      cure: missing ? 'put the file there, or take it out of the list' : 'check its permissions',
      cause,
    });
  });
  return decodeText(bytes, file);
}

/** Lines of a text with any of the three ends of line: old editors and some tools write a lone CR. */
export function splitLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

/** Trimmed lines of a text file, without the empty ones. */
export async function readLines(file: string): Promise<string[]> {
  return splitLines(await readText(file))
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** UTF-16 and UTF-32 without a mark: the first character of all files read here is below 256. */
function wideEncoding([a = 1, b = 1, c = 1, d = 1]: Uint8Array): string | undefined {
  if (a !== 0 && b === 0) return c === 0 && d === 0 ? 'utf-32le' : 'utf-16le';
  if (a === 0 && b !== 0) return 'utf-16be';
  return a === 0 && b === 0 && c === 0 && d !== 0 ? 'utf-32be' : undefined;
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 256));
  const name = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']\s*([\w.:-]+)/.exec(head)?.[1]?.toLowerCase();
  return name === undefined ? undefined : (aliases[name.replace(/_/g, '-')] ?? name);
}

function decode(
  bytes: Uint8Array,
  { encoding, file, by }: { encoding: string; file: string; by?: 'mark' | 'declaration' },
): string {
  let text: string;
  try {
    text = decodeStrictly(bytes, encoding);
  } catch (cause) {
    throw undecodable(file, { encoding, by, cause });
  }
  if (!text.includes('\0')) return text;
  throw new SampleError(file, {
    what: 'the text holds zero bytes, as after a crash or a full disk',
    cure: 'restore the file, or delete it',
  });
}

function decodeStrictly(bytes: Uint8Array, encoding: string): string {
  if (encoding.startsWith('utf-32')) return decodeUtf32(bytes, encoding === 'utf-32le');
  const decoder = new TextDecoder(encoding, { fatal: true });
  const text = decoder.decode(bytes);
  if (decoder.encoding !== 'windows-1252') return text;
  // Node up to 23 takes Latin-1 for Windows-1252 (nodejs/node#56542), which has letters where Latin-1 has controls.
  return text.replace(/[\x80-\x9f]/g, (control) => windows1252[control.charCodeAt(0) - 0x80]!);
}

/** Windows-1252 from 0x80 to 0x9f; five places are empty. */
const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

function decodeUtf32(bytes: Uint8Array, littleEndian: boolean): string {
  if (bytes.length % 4 !== 0) throw new RangeError('a character is cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) text += String.fromCodePoint(view.getUint32(at, littleEndian));
  return text;
}

function undecodable(
  file: string,
  { encoding, by, cause }: { encoding: string; by?: 'mark' | 'declaration'; cause: unknown },
): SampleError {
  const name = encoding.toUpperCase();
  // TextDecoder's two errors: RangeError for a name that it doesn't know, TypeError for bytes that don't fit.
  if (by === 'declaration' && cause instanceof RangeError) {
    const what = `the declared encoding '${name}' is not known`;
    return new SampleError(file, { what, cure: 'save the file as UTF-8, and declare that', cause });
  }
  if (by === undefined) {
    const cure =
      'save it as UTF-8 (it may be GBK, Shift-JIS, Windows-1252 or the like), or let an XML file declare its encoding';
    return new UndeclaredEncoding(file, { what: `the text is not ${name}`, cure, cause });
  }
  const claim = by === 'mark' ? ', which its first bytes say' : ', which it declares';
  return new SampleError(file, { what: `the text is not ${name}${claim}`, cure: 'save it as UTF-8', cause });
}

/**
 * A note where some undeclared texts are not UTF-8 and others happen to be, with names outside ASCII: two bytes of GBK are
 * a letter of UTF-8 now and then.
 */
export function suspectNames(
  named: Iterable<{ file: string; name: string }>,
  problems: readonly SampleError[],
): SampleError[] {
  const other = problems.find((problem) => problem instanceof UndeclaredEncoding);
  if (!other) return [];
  for (const { file, name } of named) {
    // eslint-disable-next-line no-control-regex
    if (/^[\x00-\x7f]*$/.test(name)) continue;
    return [
      new SampleError(file, {
        what: `the name '${name}' may be text of another encoding, as that of ${other.file} is`,
        cure: 'save both as UTF-8',
        kind: 'note',
      }),
    ];
  }
  return [];
}
