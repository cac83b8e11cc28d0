import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader, ZipWriter, type FileEntry } from '@zip.js/zip.js';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../src/byteSource';
import { withZip } from '../src/zipFiles';

/** Of entries as they are, some empty, with names and extra fields of all lengths. */
async function makeZip(count: number, options: { password?: string } = {}): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { level: 0, ...options });
  for (let i = 0; i < count; i++) {
    const data = Uint8Array.from({ length: (i * 7) % 31 }, (_, byte) => 37 * i + byte);
    const extraField = new Map([[0xcafe, new Uint8Array((i * 5) % 9)]]);
    const name = `archive/data/${'x'.repeat((i * 3) % 20)}${i}`;
    await zip.add(name, new Uint8ArrayReader(data), {
      extraField,
      dataDescriptor: i % 2 === 0,
      zip64: i % 3 === 0,
    });
  }
  return zip.close();
}

const readAll = (bytes: Uint8Array): Promise<[string, number[]][]> =>
  withZip(bytesSource(bytes), async ({ paths, read }) => {
    const all: [string, number[]][] = [];
    for (const path of paths) all.push([path, [...(await read(path))]]);
    return all;
  });

/** As zip.js reads them, through its streams. */
async function twin(bytes: Uint8Array): Promise<[string, number[]][]> {
  const zip = new ZipReader(new Uint8ArrayReader(bytes));
  const all: [string, number[]][] = [];
  for (const entry of (await zip.getEntries()) as FileEntry[])
    all.push([entry.filename, [...(await entry.getData(new Uint8ArrayWriter(), { useWebWorkers: false }))]]);
  await zip.close();
  return all;
}

describe('entries as they are stored', () => {
  test('are those that zip.js reads', async () => {
    const zip = await makeZip(40);
    const expected = await twin(zip);
    expect(expected).toHaveLength(40);
    expect(new Set(expected.map(([, data]) => data.length)).size).toBeGreaterThan(10);
    expect(await readAll(zip)).toEqual(expected);
  });

  test('also behind other bytes, as in a program that unpacks itself', async () => {
    const zip = await makeZip(5);
    const behind = Buffer.concat([Buffer.alloc(77, 1), zip]);
    expect(await readAll(behind)).toEqual(await twin(zip));
  });

  test('without their own header, or cut short, are refused by name', async () => {
    const zip = await makeZip(2);
    const beheaded = Uint8Array.from(zip);
    beheaded[0] = 0;
    await expect(readAll(beheaded)).rejects.toThrow(
      /^its entry archive\/data\/x*0 is damaged; download it again$/,
    );
    // The directory says that the last begins where the file ends.
    const last = Buffer.from(zip.buffer, zip.byteOffset, zip.length).lastIndexOf('PK\x01\x02');
    new DataView(zip.buffer, zip.byteOffset).setUint32(last + 42, zip.length - 8, true);
    await expect(readAll(zip)).rejects.toThrow(/is damaged; download it again$/);
  });

  test('that are encrypted are refused', async () => {
    await expect(readAll(await makeZip(1, { password: 'x' }))).rejects.toThrow(
      /encrypted, which those of PyTorch/,
    );
  });
});
