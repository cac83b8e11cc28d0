import { existsSync, readFileSync } from 'node:fs';
import './readers';
import { describe, expect, test } from 'vitest';
import { readStateDict as readInBrowser, toFloat32 } from '../src';
import type { StateDict } from '../src';
import { readStateDict } from '../src/node';
import { golden } from './golden';

const base = Array.from({ length: 24 }, (_, i) => i);

function checkTorchState(state: StateDict): void {
  expect([...state.keys()]).toEqual(
    'float transposed window half bfloat16 double long int bool scalar empty'.split(' '),
  );
  const get = (name: string) => state.get(name) ?? expect.fail(name);
  expect(get('float')).toEqual({
    dtype: 'float32',
    shape: [2, 3, 4],
    data: Float32Array.from(base, (i) => i / 8),
  });
  expect(get('transposed').shape).toEqual([4, 3]);
  expect([...toFloat32(get('transposed'))]).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
  expect(get('window').shape).toEqual([2, 2]);
  expect([...toFloat32(get('window'))]).toEqual([6, 10, 18, 22]);
  for (const name of ['half', 'bfloat16']) expect([...toFloat32(get(name))]).toEqual(base.map((i) => i / 8));
  expect(get('half').dtype).toBe('float16');
  expect(get('double').data).toEqual(Float64Array.from(base, (i) => Math.fround(i / 3)));
  expect(get('long').data).toEqual(BigInt64Array.of(-(2n ** 40n), 7n));
  expect(get('int').data).toEqual(Int32Array.of(1, -2));
  expect(get('bool')).toEqual({ dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) });
  expect(get('scalar')).toEqual({ dtype: 'int64', shape: [], data: BigInt64Array.of(42n) });
  expect(get('empty')).toEqual({ dtype: 'float32', shape: [0, 3], data: new Float32Array(0) });
}

describe('PyTorch files', () => {
  test('a zip of today and a file from before 1.6 hold the same', async () => {
    checkTorchState(await readStateDict(golden('state.pth')));
    checkTorchState(await readStateDict(golden('legacy.pth')));
  });

  test('bytes and blobs are read as files are', async () => {
    const bytes = readFileSync(golden('state.pth'));
    checkTorchState(await readInBrowser(new Uint8Array(bytes)));
    checkTorchState(await readInBrowser(new Blob([bytes])));
    // A view that starts at an odd byte of its buffer.
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    checkTorchState(await readInBrowser(shifted.subarray(1)));
  });

  test('of a training checkpoint the weights are read, without DataParallel’s prefix', async () => {
    const state = await readStateDict(golden('checkpoint.pth'));
    expect([...state.keys()]).toEqual([
      'float',
      'transposed',
      'window',
      'half',
      'bfloat16',
      'double',
      'empty',
    ]);
    expect([...toFloat32(state.get('window') ?? expect.fail())]).toEqual([6, 10, 18, 22]);
  });

  test.each(['attack.pth', 'attack_legacy.pth'])(
    'of %s, which would call os.system, the weights are read and nothing is called',
    async (name) => {
      expect([...(await readStateDict(golden(name))).keys()]).toEqual(['weight']);
      expect(existsSync('executed')).toBe(false);
    },
  );

  test('a pickled module gives its state dict', async () => {
    const state = await readStateDict(golden('module.pth'));
    expect([...state].map(([name, { shape }]) => [name, shape])).toEqual([
      ['weight', [3, 2]],
      ['bias', [3]],
    ]);
  });

  test('a compressed zip is refused', async () => {
    await expect(readStateDict(golden('deflated.pth'))).rejects.toThrow(/compressed/);
  });

  test('a tar of PyTorch 0.1 is named', async () => {
    const tar = new Uint8Array(1024);
    tar.set(new TextEncoder().encode('ustar'), 257);
    await expect(readStateDict(tar)).rejects.toThrow(/PyTorch 0\.1/);
  });
});
