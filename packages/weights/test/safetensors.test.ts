import './readers';
import { describe, expect, test } from 'vitest';
import { readStateDict as readInBrowser, toFloat32, writeSafetensors } from '../src';
import type { StateDict } from '../src';
import { safetensors } from './safetensors';

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

  test('names and metadata may look like a header; a text may be as long as a header can be', async () => {
    const odd = ['a":{"', '\\', '"b\\":{', '{"dtype":"F32"', 'shape', 'a b\n', ''];
    const one = (i: number) => ({ dtype: 'float32' as const, shape: [1], data: Float32Array.of(i) });
    const names: StateDict = new Map(odd.map((name, i) => [name, one(i)]));
    const text = '{"a":{'.repeat(2_000_000);
    const metadata = { dtype: '"dtype":"dtype"', shape: '{"a":{"a":{', [`a":{`]: text };
    expect(await readInBrowser(writeSafetensors(names, { metadata }))).toEqual(names);
  });

  test.each<[string, unknown, string]>([
    ['Array', { dtype: 'int32', shape: [2], data: [1, 2] }, 'its dtype int32, got Array'],
    [
      'int32 for int64',
      { dtype: 'int64', shape: [2], data: new Int32Array(2) },
      'its dtype int64, got Int32Array',
    ],
    [
      'uint16 for bool',
      { dtype: 'bool', shape: [2], data: new Uint16Array(2) },
      'its dtype bool, got Uint16Array',
    ],
  ])(
    '%s: data that would be written as other bytes than the header says are refused',
    (_, tensor, message) => {
      const wrong = new Map([['w', tensor]]) as StateDict;
      expect(() => writeSafetensors(wrong)).toThrow(
        `writeSafetensors: the data of w must be the typed array of ${message}`,
      );
    },
  );

  test('what no other reader would take is refused: the name of the metadata, metadata that is no text, other types', () => {
    const tensor = { dtype: 'float32' as const, shape: [1], data: Float32Array.of(1) };
    const write =
      (name: string, options: object, dict: unknown = new Map([[name, tensor]])) =>
      () =>
        writeSafetensors(dict as StateDict, options);
    expect(write('__metadata__', {})).toThrow('no tensor may be called __metadata__');
    expect(write('w', { metadata: { epoch: 3 } })).toThrow(
      'metadata must be text, as the format has it, got 3 for epoch',
    );
    expect(write('w', { dtype: 'bfloat16' })).toThrow('dtype must be float32 or float16, got bfloat16');
    expect(write('w', {}, { w: tensor })).toThrow('stateDict must be a Map of names to tensors, got Object');
  });

  test('names may be what objects in JavaScript are born with', async () => {
    const odd = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '1', '0'];
    const one = (i: number) => ({ dtype: 'float32' as const, shape: [1], data: Float32Array.of(i) });
    const names: StateDict = new Map(odd.map((name, i) => [name, one(i)]));
    expect([...(await readInBrowser(writeSafetensors(names)))]).toEqual([...names]);
  });

  test('a tensor whose data do not fill its shape is refused', () => {
    const wrong: StateDict = new Map([['w', { dtype: 'float32', shape: [3], data: new Float32Array(2) }]]);
    expect(() => writeSafetensors(wrong)).toThrow('writeSafetensors: w of shape [3] needs 3 elements, got 2');
  });
});
