import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeSafetensors } from '../src';
import { readStateDict } from '../src/node';
import type { StateDict } from '../src';
import { safetensors } from './safetensors';

const golden = (name: string) => new Uint8Array(readFileSync(new URL(`goldens/${name}`, import.meta.url)));
const checkpoints = JSON.parse(new TextDecoder().decode(golden('checkpoints.json'))) as Record<
  string,
  string
>;
const checkpoint = (name: string) => new Uint8Array(Buffer.from(checkpoints[name]!, 'base64'));

/** Reading either gives tensors that fill their shapes, or throws a RangeError that says which file and why. */
async function readsOrRefuses(source: Uint8Array | string): Promise<void> {
  let state: StateDict;
  try {
    state = await readStateDict(source, { maxBytes: 2 ** 24 });
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

  test('any model.json of TensorFlow.js beside its shard is refused or read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'roikit-fuzz-'));
    writeFileSync(join(folder, 'a.bin'), new Uint8Array(48));
    const file = join(folder, 'model.json');
    const weight = fc.record(
      {
        name: fc.oneof(fc.string(), fc.constant('__proto__')),
        shape: fc.oneof(
          fc.array(fc.integer({ min: 0, max: 4 })),
          fc.constant([2 ** 30, 2 ** 30]),
          fc.jsonValue(),
        ),
        dtype: fc.constantFrom('float32', 'int32', 'bool', 'string', 'complex64', 1),
        quantization: fc.constantFrom(
          { dtype: 'uint8' },
          { dtype: 'float16' },
          { dtype: 'toString' },
          7,
          null,
        ),
      },
      { requiredKeys: ['name', 'shape', 'dtype'] },
    );
    const paths = fc.array(fc.constantFrom('a.bin', 'b.bin', '../a.bin', '.', '', 'model.json', 'a.bin/b'));
    const group = fc.record({ paths, weights: fc.array(weight, { maxLength: 3 }) });
    const manifest = fc.array(fc.oneof({ weight: 5, arbitrary: group }, fc.jsonValue()), { maxLength: 2 });
    try {
      await fc.assert(
        fc.asyncProperty(manifest, async (weightsManifest) => {
          writeFileSync(file, JSON.stringify({ weightsManifest }));
          await readsOrRefuses(file);
        }),
        { numRuns: 300, seed: 6 },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
