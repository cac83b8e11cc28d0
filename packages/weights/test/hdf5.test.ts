import './readers';
import { describe, expect, test } from 'vitest';
import { readStateDict } from '../src/node';
import { golden } from './golden';

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
