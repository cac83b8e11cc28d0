import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import './readers';
import { describe, expect, test } from 'vitest';
import type { StateDict } from '../src';
import { readStateDict } from '../src/node';

describe('TensorFlow.js', () => {
  const folder = mkdtempSync(join(tmpdir(), 'roikit-tfjs-'));
  const manifest = (paths: string[]) =>
    JSON.stringify({
      weightsManifest: [
        {
          paths,
          weights: [
            { name: 'conv1/kernel', shape: [2, 2], dtype: 'float32' },
            {
              name: 'small',
              shape: [3],
              dtype: 'float32',
              quantization: { dtype: 'uint8', scale: 0.5, min: -1 },
            },
            {
              name: 'wide',
              shape: [2],
              dtype: 'float32',
              quantization: { dtype: 'uint16', scale: 0.25, min: 3 },
            },
            { name: 'half', shape: [2], dtype: 'float32', quantization: { dtype: 'float16' } },
          ],
        },
      ],
    });
  const shard = Buffer.concat([
    Buffer.from(Float32Array.of(1, 2, 3, 4).buffer),
    Buffer.from([0, 2, 255]),
    Buffer.from([1, 0, 0, 1]),
    Buffer.from(Uint16Array.of(0x3c00, 0xc000).buffer),
  ]);
  writeFileSync(join(folder, 'model.json'), manifest(['a.bin', 'b.bin']));
  writeFileSync(join(folder, 'a.bin'), shard.subarray(0, 10));
  writeFileSync(join(folder, 'b.bin'), shard.subarray(10));

  function check(state: StateDict): void {
    expect(state.get('conv1/kernel')).toEqual({
      dtype: 'float32',
      shape: [2, 2],
      data: Float32Array.of(1, 2, 3, 4),
    });
    expect(state.get('small')?.data).toEqual(Float32Array.of(-1, 0, 126.5));
    expect(state.get('wide')?.data).toEqual(Float32Array.of(3.25, 67)); // 1 and 256, little-endian
    expect(state.get('half')).toEqual({ dtype: 'float16', shape: [2], data: Float32Array.of(1, -2) });
  }

  test('shards beside model.json, whole or quantised', async () => {
    check(await readStateDict(join(folder, 'model.json')));
  });

  test('by URL too, and a file that the server does not have is named', async () => {
    const server = createServer((request, response) => {
      const path = join(folder, request.url ?? '');
      if (!existsSync(path)) return void response.writeHead(404, 'Not Found').end();
      response.end(readFileSync(path));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      check(await readStateDict(`${root}/model.json`));
      await expect(readStateDict(`${root}/none.json`)).rejects.toThrow(/none\.json answered 404/);
      await expect(readStateDict(`${root}/a.bin`, { maxBytes: 5 })).rejects.toThrow(/over the limit of 5/);
    } finally {
      server.close();
    }
    await expect(readStateDict(`${root}/model.json`)).rejects.toThrow(/cannot reach .*by hand/);
  });

  const write = (name: string, model: unknown) => {
    writeFileSync(join(folder, name), typeof model === 'string' ? model : JSON.stringify(model));
    return readStateDict(join(folder, name));
  };
  const plain = (name: string, shape: unknown, dtype: string, more = {}) => ({ name, shape, dtype, ...more });

  test('groups one after another; integers and booleans', async () => {
    writeFileSync(join(folder, 'c.bin'), Buffer.from(Int32Array.of(-7).buffer));
    writeFileSync(join(folder, 'd.bin'), Uint8Array.of(1, 0));
    const state = await write('groups.json', {
      weightsManifest: [
        { paths: ['c.bin'], weights: [plain('count', [], 'int32')] },
        { paths: ['d.bin'], weights: [plain('flags', [2], 'bool')] },
      ],
    });
    expect([...state]).toEqual([
      ['count', { dtype: 'int32', shape: [], data: Int32Array.of(-7) }],
      ['flags', { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) }],
    ]);
    await expect(readStateDict(join(folder, 'groups.json'), { maxBytes: 4 })).rejects.toThrow(
      /over the limit/,
    );
  });

  const group = (weight: unknown, paths: unknown = ['d.bin']) => ({
    weightsManifest: [{ paths, weights: [weight] }],
  });
  test.each<[string, unknown, RegExp]>([
    ['text', '{"weightsManifest": [', /begins as JSON but is not/],
    ['no manifest', '{"a": 1}', /JSON without a weightsManifest/],
    ['no weights', { weightsManifest: [{ paths: [] }] }, /not a list of paths and weights/],
    ['no paths', { weightsManifest: [{ weights: [] }] }, /not a list of paths and weights/],
    ['no group', { weightsManifest: [null] }, /not a list of paths and weights/],
    ['a weight that is null', group(null), /not a list of paths and weights/],
    ['no name', group(plain(undefined as never, [2], 'bool')), /not a list of paths/],
    ['no shape', group(plain('a', 2, 'bool')), /not a list of paths/],
    ['a negative side', group(plain('a', [-1, -2], 'bool')), /not a list of paths/],
    ['half a side', group(plain('a', [0.5, 4], 'bool')), /not a list of paths/],
    ['text as type', group(plain('a', [2], 'string')), /not a list of paths/],
    [
      'an unknown quantisation',
      group(plain('a', [2], 'float32', { quantization: { dtype: 'uint4' } })),
      /not a list/,
    ],
    ['more bytes than weights', group(plain('a', [1], 'bool')), /more than the 1 bytes its weights take/],
    ['fewer bytes', group(plain('a', [3], 'bool')), /have 2 bytes, its weights take 3/],
    [
      'an absolute path',
      group(plain('a', [2], 'bool'), ['/etc/hosts']),
      /"\/etc\/hosts", which is not beside/,
    ],
    ['a path of Windows', group(plain('a', [2], 'bool'), ['C:\\a']), /not beside/],
    ['a path that climbs on the way', group(plain('a', [2], 'bool'), ['a/../../b']), /not beside/],
    ['a path that ends above', group(plain('a', [2], 'bool'), ['a\\..']), /not beside/],
    ['a path that is a number', group(plain('a', [2], 'bool'), [7]), /its weights lie in 7/],
  ])('%s is refused', async (_, model, message) => {
    await expect(write('malformed.json', model)).rejects.toThrow(message);
  });

  test('names with dots are no climbing', async () => {
    writeFileSync(join(folder, 'a..b.bin'), Uint8Array.of(1, 0));
    expect((await write('dots.json', group(plain('a', [2], 'bool'), ['a..b.bin']))).size).toBe(1);
  });

  test('paths that leave the folder, missing bytes and bytes alone are refused', async () => {
    writeFileSync(join(folder, 'leaves.json'), manifest(['../b.bin']));
    await expect(readStateDict(join(folder, 'leaves.json'))).rejects.toThrow(/not beside the model/);
    writeFileSync(join(folder, 'short.json'), manifest(['a.bin']));
    await expect(readStateDict(join(folder, 'short.json'))).rejects.toThrow(
      /have 10 bytes, its weights take 27/,
    );
    await expect(readStateDict(new TextEncoder().encode(manifest(['a.bin'])))).rejects.toThrow(
      /pass its path or URL/,
    );
  });
});
