import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readStateDict, writeSafetensors } from '../src';
import type { StateDict } from '../src';
import { safetensors } from './safetensors';

const golden = (name: string) => new Uint8Array(readFileSync(new URL(`goldens/${name}`, import.meta.url)));
const checkpoints = JSON.parse(new TextDecoder().decode(golden('checkpoints.json'))) as Record<
  string,
  string
>;
const checkpoint = (name: string) => new Uint8Array(Buffer.from(checkpoints[name]!, 'base64'));

/** Reading either gives tensors that fill their shapes, or throws a RangeError that says which file and why. */
async function readsOrRefuses(bytes: Uint8Array): Promise<void> {
  let state: StateDict;
  try {
    state = await readStateDict(bytes, { maxBytes: 2 ** 24 });
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toMatch(/^readStateDict: /);
    return;
  }
  for (const { shape, data } of state.values())
    expect(data.length).toBe(shape.reduce((size, side) => size * side, 1));
}

/** Some bytes overwritten, then perhaps the end cut off. */
function damaged(original: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.tuple(fc.nat(original.length - 1), fc.integer({ min: 0, max: 255 }));
  return fc
    .tuple(fc.array(place, { maxLength: 8 }), fc.option(fc.nat(original.length)))
    .map(([changes, cut]) => {
      const bytes = original.slice();
      for (const [at, value] of changes) bytes[at] = value;
      return cut === null ? bytes : bytes.slice(0, cut);
    });
}

const written = writeSafetensors(
  new Map([
    ['a', { dtype: 'float32', shape: [2, 3], data: new Float32Array(6) }],
    ['b', { dtype: 'int64', shape: [], data: new BigInt64Array(1) }],
  ]),
);

describe('fuzzing', () => {
  test.each<[string, Uint8Array, number]>([
    ['safetensors', written, 500],
    ['zip .pth', golden('state.pth'), 200],
    ['older .pth', golden('legacy.pth'), 500],
    ['module', checkpoint('module'), 300],
    ['checkpoint of objects', checkpoint('objects4'), 300],
    ['quantised checkpoint', checkpoint('quantised'), 300],
    ['older .pth with parts', checkpoint('legacyView'), 300],
    ['.h5', golden('keras.h5'), 60],
    ['.h5 of many types', golden('types.h5'), 60],
  ])('a damaged %s is read or refused', async (_, original, numRuns) => {
    await fc.assert(fc.asyncProperty(damaged(original), readsOrRefuses), { numRuns, seed: 6 });
  });

  test('any bytes are refused or read', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), readsOrRefuses), {
      numRuns: 300,
      seed: 6,
    });
  });

  test('any header of safetensors is refused or read', async () => {
    const entry = fc.record({
      dtype: fc.constantFrom('F32', 'U8', 'F16'),
      shape: fc.array(fc.nat(3)),
      data_offsets: fc.tuple(fc.nat(16), fc.nat(16)),
    });
    const header = fc.dictionary(fc.string(), fc.oneof(entry, fc.jsonValue()));
    await fc.assert(
      fc.asyncProperty(header, fc.nat(32), (value, size) =>
        readsOrRefuses(safetensors(value, new Uint8Array(size))),
      ),
      { numRuns: 300, seed: 6 },
    );
  });
});
