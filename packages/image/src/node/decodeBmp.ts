import type { RgbImage, Size } from '../rgbImage';

// Of the libraries on npm, bmp-ts and bmp-js misread run lengths and 4-bit rows, fast-bmp and decode-bmp know no
// 16-bit, top-down or compressed pictures; none reads OS/2's header. Layout: Microsoft, "Bitmap Storage" (wingdi).

interface BmpHeader extends Size {
  /** Rows run from the top; in most files from the bottom. */
  topDown: boolean;
  bits: number;
  compression: number;
  /** Where the pixels begin. */
  offset: number;
  /** Colours of the palette, 3 bytes each. */
  palette: Uint8Array;
  /** Bits of red, green and blue in a pixel of 16 or 32 bits. */
  masks: readonly number[];
}

const compressions = { none: 0, rle8: 1, rle4: 2, bitFields: 3, alphaBitFields: 6 };

/** Whether bytes begin as a Windows or OS/2 bitmap does. */
export function isBmp(bytes: Uint8Array): boolean {
  if (bytes.length < 26 || bytes[0] !== 0x42 || bytes[1] !== 0x4d) return false;
  return [12, 40, 52, 56, 64, 108, 124].includes(viewOf(bytes).getUint32(14, true));
}

/** Width and height from the header. Throws an Error that says what is wrong. */
export function bmpSize(bytes: Uint8Array): Size {
  const { width, height } = readHeader(bytes);
  return { width, height };
}

/** Decodes 1, 4, 8, 16, 24 and 32 bits, run lengths, both directions. Alpha is dropped. Throws an Error where it can't. */
export function decodeBmp(bytes: Uint8Array): RgbImage {
  const header = readHeader(bytes);
  const { width, height, compression } = header;
  if (header.offset > bytes.length) throw new Error('BMP: the pixels are missing');
  const runs = compression === compressions.rle8 || compression === compressions.rle4;
  const data = new Uint8Array(width * height * 3);
  if (header.bits > 8) decodeColours(bytes, header, data);
  else decodePalette(runs ? expandRuns(bytes, header) : unpackRows(bytes, header), header, data);
  return { data, width, height };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readHeader(bytes: Uint8Array): BmpHeader {
  if (!isBmp(bytes)) throw new Error('not a BMP');
  const view = viewOf(bytes);
  const size = view.getUint32(14, true);
  const os2 = size === 12;
  if (bytes.length < 14 + size) throw new Error('BMP: the header is cut off');
  const width = os2 ? view.getUint16(18, true) : view.getInt32(18, true);
  const rows = os2 ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(os2 ? 24 : 28, true);
  const compression = os2 ? 0 : view.getUint32(30, true);
  if (width <= 0 || rows === 0) throw new Error(`BMP: a size of ${width}×${rows}`);
  requireKnown(bits, compression);
  const hasMasks = compression === compressions.bitFields || compression === compressions.alphaBitFields;
  const masks = hasMasks
    ? [54, 58, 62].map((at) => view.getUint32(at, true))
    : bits === 16
      ? [0x7c00, 0x3e0, 0x1f]
      : [0xff0000, 0xff00, 0xff];
  const offset = view.getUint32(10, true);
  // OS/2's palette has 3 bytes a colour, the others 4.
  const start = 14 + size + (hasMasks && size === 40 ? 12 : 0);
  const palette = readPalette(bytes.subarray(start, Math.max(start, offset)), os2 ? 3 : 4);
  return { width, height: Math.abs(rows), topDown: rows < 0, bits, compression, offset, palette, masks };
}

function requireKnown(bits: number, compression: number): void {
  const allowed: Record<number, number[]> = {
    1: [0],
    4: [0, compressions.rle4],
    8: [0, compressions.rle8],
    16: [0, compressions.bitFields, compressions.alphaBitFields],
    24: [0],
    32: [0, compressions.bitFields, compressions.alphaBitFields],
  };
  if (!allowed[bits]?.includes(compression)) {
    throw new Error(`BMP: ${bits} bits with compression ${compression} are not supported`);
  }
}

function readPalette(bytes: Uint8Array, stride: number): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  for (let i = 0; i < 256 && (i + 1) * stride <= bytes.length; i++) {
    for (let c = 0; c < 3; c++) palette[3 * i + c] = bytes[i * stride + 2 - c]!;
  }
  return palette;
}

/** Bytes of a row, which is padded to four. */
function rowBytes({ width, bits }: BmpHeader): number {
  return Math.ceil((width * bits) / 32) * 4;
}

function requirePixels(bytes: Uint8Array, header: BmpHeader): void {
  // The last row's padding is often left away.
  const needed = header.offset + rowBytes(header) * header.height - 3;
  if (bytes.length < needed) {
    throw new Error(`BMP: the file is truncated (${bytes.length} bytes of ${needed})`);
  }
}

/** Rows of 1, 4 or 8 bits → one index a pixel, in the order of the file. */
function unpackRows(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  requirePixels(bytes, header);
  const { width, height, bits, offset } = header;
  const row = rowBytes(header);
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const indices = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = bytes[offset + y * row + Math.floor(x / perByte)]!;
      indices[to++] = (byte >> (8 - bits - (x % perByte) * bits)) & mask;
    }
  }
  return indices;
}

/** Run lengths of 4 or 8 bits → one index a pixel. What a delta jumps over keeps index 0. */
function expandRuns(bytes: Uint8Array, { width, height, bits, offset }: BmpHeader): Uint8Array {
  const indices = new Uint8Array(width * height);
  let [x, y, at] = [0, 0, offset];
  const put = (index: number): void => {
    if (x < width && y < height) indices[y * width + x] = index;
    x++;
  };
  const nibble = (byte: number, i: number): number =>
    bits === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15;
  while (at + 1 < bytes.length && y < height) {
    const [count, value] = [bytes[at++]!, bytes[at++]!];
    if (count > 0) for (let i = 0; i < count; i++) put(nibble(value, i));
    else if (value === 0) [x, y] = [0, y + 1];
    else if (value === 1) return indices;
    else if (value === 2) [x, y] = [x + (bytes[at++] ?? 0), y + (bytes[at++] ?? 0)];
    else {
      const length = bits === 8 ? value : Math.ceil(value / 2);
      if (at + length > bytes.length) break;
      for (let i = 0; i < value; i++) put(nibble(bytes[at + (bits === 8 ? i : i >> 1)]!, i));
      at += length + (length % 2);
    }
  }
  // Without the end mark, a picture whose last row was begun is whole; some writers leave the mark away.
  if (y < height - 1 || (y === height - 1 && x < width)) throw new Error('BMP: the file is truncated');
  return indices;
}

function decodePalette(indices: Uint8Array, header: BmpHeader, data: Uint8Array): void {
  const { width, height, palette } = header;
  for (let y = 0, from = 0; y < height; y++) {
    let to = targetRow(header, y);
    for (let x = 0; x < width; x++) {
      const colour = 3 * indices[from++]!;
      for (let c = 0; c < 3; c++) data[to++] = palette[colour + c]!;
    }
  }
}

function decodeColours(bytes: Uint8Array, header: BmpHeader, data: Uint8Array): void {
  requirePixels(bytes, header);
  const { width, height, bits, offset, masks } = header;
  const view = viewOf(bytes);
  const channels = masks.map(channelOf);
  for (let y = 0; y < height; y++) {
    let from = offset + y * rowBytes(header);
    let to = targetRow(header, y);
    for (let x = 0; x < width; x++, from += bits / 8) {
      if (bits === 24) {
        for (let c = 2; c >= 0; c--) data[to++] = bytes[from + c]!;
        continue;
      }
      const pixel = bits === 16 ? view.getUint16(from, true) : view.getUint32(from, true);
      for (const { shift, max } of channels) data[to++] = Math.floor((((pixel >>> shift) & max) * 255) / max);
    }
  }
}

/** A mask's lowest bit, and the largest value of its channel. */
function channelOf(mask: number): { shift: number; max: number } {
  const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
  return { shift, max: mask >>> shift || 1 };
}

function targetRow({ width, height, topDown }: BmpHeader, y: number): number {
  return (topDown ? y : height - 1 - y) * width * 3;
}
