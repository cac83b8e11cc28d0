import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import './readers';
import { describe, expect, test } from 'vitest';
import { readStateDict as readBytes } from '../src';
import { readStateDict } from '../src/node';

describe('a TensorFlow.js model small itself, with large shards', () => {
  const folder = mkdtempSync(join(tmpdir(), 'roikit-limits-'));
  const weight = (name: string, side: number, more = {}) => ({
    name,
    shape: [side],
    dtype: 'float32',
    ...more,
  });
  const quantization = { dtype: 'uint8', scale: 1, min: 0 };
  function write(name: string, weights: object[], bytes: number[]): string {
    const weightsManifest = weights.map((entry, i) => ({ paths: [`${name}${i}.bin`], weights: [entry] }));
    bytes.forEach((size, i) => writeFileSync(join(folder, `${name}${i}.bin`), new Uint8Array(size)));
    writeFileSync(join(folder, name), JSON.stringify({ weightsManifest }));
    return join(folder, name);
  }
  const names = async (path: string, maxBytes: number) => [
    ...(await readStateDict(path, { maxBytes })).keys(),
  ];

  test('is read up to maxBytes of weights, and not beyond', async () => {
    const path = write('one', [weight('a', 250)], [1000]);
    expect(await names(path, 1000)).toEqual(['a']);
    await expect(names(path, 999)).rejects.toThrow(/its shards: 1000 bytes or more, over the limit of 999/);
  });

  test('groups share the limit', async () => {
    const path = write('two', [weight('a', 150), weight('b', 100)], [600, 400]);
    expect(await names(path, 1000)).toEqual(['a', 'b']);
    await expect(names(path, 999)).rejects.toThrow(/its shards: 400 bytes or more, over the limit of 399/);
  });

  test('what is quantised counts with what it takes when read', async () => {
    const path = write('small', [weight('a', 150, { quantization }), weight('b', 100)], [150, 400]);
    expect(await names(path, 1000)).toEqual(['a', 'b']);
    await expect(names(path, 999)).rejects.toThrow(/over the limit/);
  });

  test('a weight without elements is one', async () => {
    const state = await readStateDict(write('none', [weight('empty', 0), weight('a', 1)], [0, 4]));
    expect(state.get('empty')).toEqual({ dtype: 'float32', shape: [0], data: new Float32Array(0) });
    expect(state.get('a')?.data).toEqual(new Float32Array(1));
  });
});

describe('a .pth made by hand', () => {
  const codes = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
  const word = (text: string) => codes(`X${String.fromCharCode(text.length)}\0\0\0${text}`);
  /** `torch._utils._rebuild_tensor_v2(storage of `count` floats, offset, shape, stride)`. */
  const tensor = ({ count = '\x03', offset = 'K\0', shape = '(K\x02t', stride = '(K\x01t' } = {}) => [
    ...codes('ctorch._utils\n_rebuild_tensor_v2\n(('),
    ...word('storage'),
    ...codes('ctorch\nFloatStorage\n'),
    ...word('0'),
    ...word('cpu'),
    ...codes(`K${count}tQ${offset}${shape}${stride}tR`),
  ];
  const dict = (value: number[]) => [...codes('\x80\x02}'), ...word('w'), ...value, ...codes('s.')];

  async function read(pickle: number[], storage: Float32Array) {
    const zip = new ZipWriter(new Uint8ArrayWriter(), { level: 0 });
    await zip.add('made/data.pkl', new Uint8ArrayReader(Uint8Array.from(pickle)));
    await zip.add('made/data/0', new Uint8ArrayReader(new Uint8Array(storage.buffer)));
    return readBytes(await zip.close());
  }

  test('is read', async () => {
    const state = await read(dict(tensor()), Float32Array.of(5, 6, 7));
    expect([...state]).toEqual([['w', { dtype: 'float32', shape: [2], data: Float32Array.of(5, 6) }]]);
  });

  test.each([2, 4])('with a storage of %i elements where the pickle says 3 is refused', async (count) => {
    await expect(read(dict(tensor()), new Float32Array(count))).rejects.toThrow(
      `its storage 0 has ${4 * count} bytes, not 3 elements of float32`,
    );
  });

  test.each([
    ['an offset below 0', { offset: 'J\xff\xff\xff\xff' }],
    ['a shape that is a number', { shape: 'K\x02' }],
    ['strides that are a number', { stride: 'K\x01' }],
    ['a side below 0', { shape: '(J\xff\xff\xff\xfft' }],
    ['more strides than sides', { stride: '(K\x01K\x01t' }],
  ])('with %s is refused', async (_, parts) => {
    await expect(read(dict(tensor(parts)), new Float32Array(3))).rejects.toThrow(
      /its pickle describes a tensor wrongly/,
    );
  });

  test('an OrderedDict of pairs, as Python 2 wrote it, is a dict', async () => {
    const pairs = [...codes('((('), ...word('w'), ...tensor(), ...codes('llt')];
    const pickle = [...codes('\x80\x02ccollections\nOrderedDict\n'), ...pairs, ...codes('R.')];
    const state = await read(pickle, Float32Array.of(5, 6, 7));
    expect(state.get('w')?.data).toEqual(Float32Array.of(5, 6));
  });
});
