import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import './readers';
import { describe, expect, test } from 'vitest';
import { assertFinite, readStateDict as readInBrowser, toFloat32, writeSafetensors } from '../src';
import type { StateDict, StateTensor } from '../src';
import { readStateDict } from '../src/node';
import { safetensors } from './safetensors';

const golden = (name: string) => fileURLToPath(new URL(`goldens/${name}`, import.meta.url));
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

describe('Keras .h5', () => {
  test('datasets of model_weights, compressed or not, without the variable count', async () => {
    const state = await readStateDict(golden('keras.h5'));
    expect([...state.keys()].sort()).toEqual([
      'conv1/conv1/bias',
      'conv1/conv1/kernel',
      'dense/dense/kernel',
    ]);
    const kernel = state.get('conv1/conv1/kernel') ?? expect.fail();
    expect(kernel.shape).toEqual([3, 3, 3, 2]);
    expect(kernel.data).toEqual(Float32Array.from({ length: 54 }, (_, i) => i / 8));
    expect(state.get('dense/dense/kernel')?.data).toEqual(Float32Array.from({ length: 600 }, (_, i) => i));
  });

  test('every type and byte order of numbers, scalars too; nothing of the optimizer', async () => {
    const state = await readStateDict(golden('types.h5'));
    const type: Record<string, string> = { f: 'float', i: 'int', u: 'uint' };
    const stored =
      'little_f2 big_f2 big_f4 little_f8 big_f8 little_i1 little_i2 big_i2 little_i4 big_i4'.split(' ');
    stored.push(...'little_i8 big_i8 little_u1 little_u2 big_u2 little_u4 little_u8 big_u8'.split(' '));
    for (const name of stored) {
      const [kind, bytes] = name.split('_')[1] as unknown as [string, string];
      const { dtype, shape, data } = state.get(`a/${name}`) ?? expect.fail(name);
      expect([dtype, shape]).toEqual([`${type[kind]}${8 * Number(bytes)}`, [2, 3]]);
      const first = kind === 'u' ? 0 : -2;
      expect([...data].map(Number)).toEqual([0, 1, 2, 3, 4, 5].map((i) => i + first));
      state.delete(`a/${name}`);
    }
    for (const name of 'little_f2 little_f4 little_f8 little_i4 big_i4 little_i8 little_u8'.split(' ')) {
      const { shape, data } = state.get(`scalar/${name}`) ?? expect.fail(name);
      expect([shape, [...data].map(Number)]).toEqual([[], [3]]);
      state.delete(`scalar/${name}`);
    }
    expect(Object.fromEntries(state)).toEqual({
      'a/bool': { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
      'a/empty': { dtype: 'float32', shape: [0, 3], data: new Float32Array(0) },
      'half/kernel': { dtype: 'float16', shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) },
      'a/optimizer/kernel': { dtype: 'float32', shape: [2], data: Float32Array.of(0, 1) },
    });
  });

  test('numbers that no array here holds are named', async () => {
    await expect(readStateDict(golden('longdouble.h5'))).rejects.toThrow(
      /longdouble\.h5: a\/kernel:0 has numbers of 128 bits, which are not read; save it as float32/,
    );
  });

  test('a dataset that unfolds beyond the limit is refused before it is read', async () => {
    await expect(readStateDict(golden('bomb.h5'))).rejects.toThrow(/over the limit/);
  });
});

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

describe('safetensors', () => {
  const state: StateDict = new Map([
    ['weight', { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, -0.1, 65504, 1e-8) }],
    ['count', { dtype: 'int64', shape: [], data: BigInt64Array.of(5n) }],
    ['bytes', { dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) }],
  ]);

  test('what is written is read', async () => {
    expect(await readInBrowser(writeSafetensors(state, { metadata: { format: 'pt' } }))).toEqual(state);
  });

  test('the bytes are those of the format: length, header padded with spaces to 8, data', () => {
    const file = writeSafetensors(
      new Map([['ab', { dtype: 'int16', shape: [1, 2], data: Int16Array.of(1, -2) }]]),
    );
    const header = '{"ab":{"dtype":"I16","shape":[1,2],"data_offsets":[0,4]}}';
    expect(header.length % 8).not.toBe(0);
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(Buffer.from(file.subarray(0, 8)).readBigUInt64LE()).toBe(BigInt(padded.length));
    expect(new TextDecoder().decode(file.subarray(8, 8 + padded.length))).toBe(padded);
    expect([...file.subarray(8 + padded.length)]).toEqual([1, 0, 254, 255]);
  });

  test('metadata stand in the header and are no tensor', async () => {
    const file = writeSafetensors(state, { metadata: { epoch: '3' } });
    expect(new TextDecoder().decode(file.subarray(8, 80))).toMatch(/^\{"__metadata__":\{"epoch":"3"\},/);
    expect([...(await readInBrowser(file)).keys()]).toEqual(['weight', 'count', 'bytes']);
    expect(new TextDecoder().decode(writeSafetensors(state).subarray(8, 80))).not.toContain('metadata');
  });

  test('every type comes back, from any place in the file', async () => {
    const all: StateDict = new Map([
      ['pad', { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) }],
      ['i8', { dtype: 'int8', shape: [2], data: Int8Array.of(-128, 127) }],
      ['i16', { dtype: 'int16', shape: [2], data: Int16Array.of(-32768, 3) }],
      ['i32', { dtype: 'int32', shape: [2], data: Int32Array.of(-(2 ** 31), 4) }],
      ['i64', { dtype: 'int64', shape: [2, 1], data: BigInt64Array.of(-(2n ** 63n), 5n) }],
      ['u8', { dtype: 'uint8', shape: [1], data: Uint8Array.of(255) }],
      ['u16', { dtype: 'uint16', shape: [2], data: Uint16Array.of(65535, 6) }],
      ['u32', { dtype: 'uint32', shape: [2], data: Uint32Array.of(2 ** 32 - 1, 7) }],
      ['u64', { dtype: 'uint64', shape: [2], data: BigUint64Array.of(2n ** 64n - 1n, 8n) }],
      ['empty', { dtype: 'float32', shape: [0, 3], data: new Float32Array(0) }],
      ['f32', { dtype: 'float32', shape: [3], data: Float32Array.of(1.5, -2, NaN) }],
    ]);
    const back = await readInBrowser(writeSafetensors(all));
    expect(back).toEqual(all);
    expect([...toFloat32(back.get('i64') ?? expect.fail())]).toEqual([-(2 ** 63), 5]);
    expect([...toFloat32(back.get('u64') ?? expect.fail())]).toEqual([2 ** 64, 8]);
    expect([...toFloat32(back.get('i8') ?? expect.fail())]).toEqual([-128, 127]);
  });

  test('float64 stays float64, bfloat16 becomes float32, and all do where that is asked for', async () => {
    const doubles = Float64Array.of(0.1, 1e300);
    const entry = (dtype: string, data_offsets: number[]) => ({ dtype, shape: [2], data_offsets });
    const header = { d: entry('F64', [0, 16]), b: entry('BF16', [16, 20]) };
    const data = Buffer.concat([Buffer.from(doubles.buffer), Buffer.from([0x80, 0x3f, 0x20, 0xc0])]);
    const read = await readInBrowser(safetensors(header, data));
    expect(read.get('d')).toEqual({ dtype: 'float64', shape: [2], data: doubles });
    expect(read.get('b')).toEqual({ dtype: 'bfloat16', shape: [2], data: Float32Array.of(1, -2.5) });
    const back = await readInBrowser(writeSafetensors(read));
    expect(back.get('d')).toEqual(read.get('d'));
    expect(back.get('b')).toEqual({ ...read.get('b'), dtype: 'float32' });
    expect((await readInBrowser(writeSafetensors(read, { dtype: 'float32' }))).get('d')).toEqual({
      dtype: 'float32',
      shape: [2],
      data: Float32Array.of(0.1, Infinity),
    });
  });

  test('a part of a larger array is written alone', async () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const back = await readInBrowser(
      writeSafetensors(new Map([['w', { dtype: 'float32', shape: [2], data }]])),
    );
    expect(back.get('w')?.data).toEqual(Float32Array.of(2, 3));
  });

  test('float16 keeps integers and rounds floats as IEEE does', async () => {
    const back = await readInBrowser(writeSafetensors(state, { dtype: 'float16' }));
    expect(back.get('count')).toEqual(state.get('count'));
    expect(back.get('weight')).toEqual({
      dtype: 'float16',
      shape: [2, 2],
      data: Float32Array.of(1, -0.0999755859375, 65504, 0),
    });
  });

  test('a tensor whose data do not fill its shape is refused', () => {
    const wrong: StateDict = new Map([['w', { dtype: 'float32', shape: [3], data: new Float32Array(2) }]]);
    expect(() => writeSafetensors(wrong)).toThrow('writeSafetensors: w of shape [3] needs 3 elements, got 2');
  });
});

describe('sources', () => {
  const file = writeSafetensors(new Map([['w', { dtype: 'float32', shape: [1], data: Float32Array.of(2) }]]));
  const folder = mkdtempSync(join(tmpdir(), 'roikit-sources-'));
  const path = join(folder, 'a b.safetensors');
  writeFileSync(path, file);

  test('paths, file: addresses as text and as URL, buffers, files', async () => {
    const blob = new File([file.slice()], 'mine.bin');
    const buffer = file.slice().buffer;
    for (const source of [path, pathToFileURL(path), pathToFileURL(path).href, blob, buffer])
      expect((await readStateDict(source)).get('w')?.data).toEqual(Float32Array.of(2));
  });

  test('messages name the file', async () => {
    const bad = Uint8Array.of(1, 2, 3);
    await expect(readStateDict(new File([bad], 'mine.bin'))).rejects.toThrow(
      /readStateDict: cannot read mine\.bin: it/,
    );
    await expect(readStateDict(new Blob([bad]))).rejects.toThrow(/cannot read blob: it/);
    writeFileSync(join(folder, 'bad'), bad);
    await expect(readStateDict(join(folder, 'bad'))).rejects.toThrow(/cannot read .*bad: it begins/);
    await expect(readInBrowser(bad.buffer)).rejects.toThrow(/cannot read bytes: it/);
  });

  test('the limit is the largest size that is taken: 2 GiB unless given', async () => {
    await expect(readStateDict(file, { maxBytes: file.length })).resolves.toBeDefined();
    await expect(readStateDict(path, { maxBytes: file.length - 1 })).rejects.toThrow(/over the limit of/);
    class Large extends Blob {
      override get size() {
        return 2 ** 31 + 1;
      }
    }
    await expect(readInBrowser(new Large([file.slice()]))).rejects.toThrow(
      /blob: 2147483649 bytes or more, over the limit of 2147483648; raise maxBytes/,
    );
  });

  test('anything else is an error that says what to give', async () => {
    await expect(readInBrowser(7 as never)).rejects.toThrow(
      /must be a URL, a Blob, an ArrayBuffer or a Uint8Array, got 7/,
    );
  });
});

describe('paths', () => {
  test('a missing file is named with the cure', async () => {
    await expect(readStateDict('no-such-file.safetensors')).rejects.toThrow(
      /cannot open no-such-file.*check the path/,
    );
  });
});

describe('assertFinite', () => {
  const dictOf = (data: StateTensor['data'], dtype: StateTensor['dtype'] = 'float32'): StateDict =>
    new Map([
      ['fine', { dtype: 'float32', shape: [2], data: Float32Array.of(1, -3e38) }],
      ['fc.weight', { dtype, shape: [data.length], data }],
    ]);

  test('names file, tensor, element and count', () => {
    expect(() => assertFinite(dictOf(Float32Array.of(1, NaN, 2, -Infinity, 3)), 'a.safetensors')).toThrow(
      /^assertFinite: a\.safetensors: fc\.weight holds NaN at element 1, and 2 of 5 are not finite/,
    );
    expect(() => assertFinite(dictOf(Float64Array.of(-Infinity), 'float64'), 'b')).toThrow(
      /holds -Infinity at element 0/,
    );
  });

  test('numbers and integers pass', () => {
    expect(() => assertFinite(dictOf(Float32Array.of(0, -0, 1e-45)), 'a')).not.toThrow();
    expect(() => assertFinite(dictOf(BigInt64Array.of(1n), 'int64'), 'a')).not.toThrow();
  });
});
