import type { PickleReader } from './pickleReader';

/** `True` and `False` of protocol 1, which has no opcodes for them. */
const oldBooleans = new Map([
  ['00', false],
  ['01', true],
]);

function decimal(text: string): number | bigint {
  if (!/^[+-]?\d{1,1000}L?$/.test(text))
    throw new RangeError(`its pickle has ${JSON.stringify(text)} for an integer`);
  const value = BigInt(text.replace('L', ''));
  return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value;
}

/** The value that an opcode pushes by itself; undefined for every other opcode. */
export function readLiteral(
  opcode: number,
  reader: PickleReader,
): null | boolean | number | bigint | string | Uint8Array | undefined {
  switch (String.fromCharCode(opcode)) {
    case 'N':
      return null;
    case '\x88':
      return true;
    case '\x89':
      return false;
    case 'J':
      return reader.uint(4) | 0;
    case 'K':
      return reader.uint(1);
    case 'M':
      return reader.uint(2);
    case 'I': {
      const text = reader.line();
      return oldBooleans.get(text) ?? decimal(text);
    }
    case 'L':
      return decimal(reader.line());
    case '\x8a':
      return reader.long(reader.uint(1));
    case '\x8b':
      return reader.long(reader.uint(4));
    case 'G':
      return reader.float();
    default:
      return readText(opcode, reader);
  }
}

function readText(opcode: number, reader: PickleReader): string | Uint8Array | undefined {
  switch (String.fromCharCode(opcode)) {
    case 'X':
    case 'T':
      return reader.text(reader.uint(4));
    case '\x8c':
    case 'U':
      return reader.text(reader.uint(1));
    case '\x8d':
      return reader.text(reader.long8());
    case 'B':
      return reader.take(reader.uint(4));
    case 'C':
      return reader.take(reader.uint(1));
    case '\x8e':
    case '\x96':
      return reader.take(reader.long8());
    default:
      return undefined;
  }
}
