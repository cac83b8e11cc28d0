const tables = new Map<string, Map<string, number[]>>();

/** Text in an encoding that Node only decodes: its table is the decoder's, turned round. */
export function encode(text: string, label: string): Uint8Array {
  let table = tables.get(label);
  if (!table) {
    table = new Map();
    const decoder = new TextDecoder(label, { fatal: true });
    for (let a = 0; a < 256; a++) {
      for (let b = -1; b < 256; b++) {
        const bytes = b < 0 ? [a] : [a, b];
        try {
          const char = decoder.decode(Uint8Array.from(bytes));
          if ([...char].length === 1 && !table.has(char)) table.set(char, bytes);
        } catch {
          // Not a character.
        }
      }
    }
    tables.set(label, table);
  }
  return Uint8Array.from([...text].flatMap((char) => table.get(char)!));
}

export function utf16(text: string, { big = false, mark = true } = {}): Uint8Array {
  const bytes = Buffer.from((mark ? '\uFEFF' : '') + text, 'utf16le');
  return big ? bytes.swap16() : bytes;
}

export function utf32(text: string, { big = false } = {}): Uint8Array {
  const points = ['\uFEFF', ...text].map((char) => char.codePointAt(0)!);
  const bytes = Buffer.alloc(points.length * 4);
  points.forEach((point, i) => (big ? bytes.writeUInt32BE(point, 4 * i) : bytes.writeUInt32LE(point, 4 * i)));
  return bytes;
}
