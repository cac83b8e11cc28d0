import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readStateDict, writeSafetensors } from '../src';
import type { StateDict } from '../src';
import { float16ToFloat32, float32ToFloat16 } from '../src/float16';

const golden = (name: string) => new Uint8Array(readFileSync(new URL(`goldens/${name}`, import.meta.url)));

function safetensors(header: unknown, data = new Uint8Array(0), length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}
const f32 = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: offsets,
});

describe('malformed safetensors', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['cut inside the length', Uint8Array.of(1, 2, 3), /begins as none/],
    [
      'header longer than the file',
      safetensors('{}', undefined, 1000n),
      /header claims 1000 bytes where at most 2/,
    ],
    ['header of 2⁶³ bytes', safetensors('{}', undefined, 2n ** 63n), /header claims/],
    ['header that is not JSON', safetensors('{"a":'), /not JSON/],
    [
      'overlapping tensors',
      safetensors({ a: f32([1], [0, 4]), b: f32([1], [2, 6]) }, new Uint8Array(6)),
      /b begins at byte 2 where 4 was due/,
    ],
    ['a hole', safetensors({ a: f32([1], [4, 8]) }, new Uint8Array(8)), /begins at byte 4 where 0/],
    [
      'bytes left over',
      safetensors({ a: f32([1], [0, 4]) }, new Uint8Array(5)),
      /take 4 bytes of data, the file has 5/,
    ],
    [
      'data cut off',
      safetensors({ a: f32([2], [0, 8]) }, new Uint8Array(4)),
      /take 8 bytes of data, the file has 4/,
    ],
    [
      'a huge shape',
      safetensors({ a: f32([2 ** 40, 2 ** 40], [0, 4]) }, new Uint8Array(4)),
      /by its shape, 4 by its offsets/,
    ],
    ['a negative side', safetensors({ a: f32([-1, -1], [0, 4]) }, new Uint8Array(4)), /list of sizes/],
    [
      'an unknown dtype',
      safetensors({ a: f32([1], [0, 4], 'toString') }, new Uint8Array(4)),
      /unknown dtype "toString"/,
    ],
    ['an entry that is null', safetensors({ a: null }), /unknown dtype/],
  ])('%s', async (_, bytes, message) => {
    await expect(readStateDict(bytes)).rejects.toThrow(message);
  });

  test('names like __proto__ are names', async () => {
    const bytes = safetensors(
      '{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      new Uint8Array(4),
    );
    expect([...(await readStateDict(bytes)).keys()]).toEqual(['__proto__']);
  });
});

/** A zip with one stored entry is enough of a container for a pickle. */
function legacyWith(pickle: number[]): Uint8Array {
  const header = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
  return Uint8Array.from([...header, 0x80, 2, 0x4e, 0x2e, 0x80, 2, 0x4e, 0x2e, ...pickle, 0x5d, 0x2e]);
}
const text = (value: string) => [...value].map((letter) => letter.charCodeAt(0));
const global = (name: string) => [0x63, ...text(name.replace('.', '\n')), 0x0a];

describe('malformed pickles', () => {
  test.each<[string, number[], RegExp]>([
    ['os.system', [...global('os.system'), ...text('(X\x02\0\0\0lstR.')], /names os\.system/],
    ['builtins.eval by stack', [...text('\x8c\x08builtins\x8c\x04eval\x93.')], /names builtins\.eval/],
    ['an object made by NEWOBJ', [...global('collections.OrderedDict'), ...text(')\x81.')], /opcode 0x81/],
    ['an extension code', text('\x82\x01.'), /opcode 0x82/],
    ['a recall of what is not there', text('h\x05.'), /never stored/],
    ['an empty stack', text('.'), /empty stack/],
    ['a text of 4 GiB', text('X\xff\xff\xff\xff.'), /cut off/],
    ['no mark', text('t.'), /no mark/],
    ['a call of a text', text('X\x01\0\0\0a)R.'), /calls what is no name/],
    [
      'a call of a storage type',
      [...global('torch.FloatStorage'), ...text(')R.')],
      /calls torch\.FloatStorage/,
    ],
    ['a list in place of a dict', text('].'), /no dict of tensors/],
  ])('%s', async (_, pickle, message) => {
    await expect(readStateDict(legacyWith(pickle))).rejects.toThrow(message);
  });

  test('a tensor larger than its storage', async () => {
    // {'w': _rebuild_tensor_v2(('storage', FloatStorage, '0', 'cpu', 1), 0, (2³⁰, 2³⁰), (0, 0))}
    const storage = [
      ...text('(X\x07\0\0\0storage'),
      ...global('torch.FloatStorage'),
      ...text('X\x01\0\0\0'),
      0x30,
      ...text('X\x03\0\0\0cpuK\x01tQ'),
    ];
    const call = [
      ...text('ctorch._utils\n_rebuild_tensor_v2\n'),
      0x28,
      ...storage,
      ...text('K\0(J\0\0\0@J\0\0\0@t(K\0K\0ttR'),
    ];
    const head = [
      0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e, 0x4e, 0x2e, 0x4e,
      0x2e,
    ];
    const keys = [...text(']X\x01\0\0\0'), 0x30, ...text('a.')];
    const data = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const file = [...head, ...text('}X\x01\0\0\0w'), ...call, ...text('s.'), ...keys, ...data];
    await expect(readStateDict(Uint8Array.from(file))).rejects.toThrow(
      /w of shape \[1073741824,1073741824\] reaches beyond/,
    );
  });
});

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
    ['.h5', golden('keras.h5'), 60],
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

  test('float16 survives the round trip, every value', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter(
      (h) => (h & 0x7c00) !== 0x7c00 || (h & 0x3ff) === 0,
    );
    expect(float32ToFloat16(float16ToFloat32(all))).toEqual(all);
  });

  test('float16 breaks ties to even, overflows to infinity and keeps small values', () => {
    const given = [
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      2049,
      2051,
      65519,
      65520,
      2 ** -24,
      2 ** -25,
      3 * 2 ** -26,
      -0,
      NaN,
    ];
    const want = [1, 1 + 2 ** -9, 2048, 2052, 65504, Infinity, 2 ** -24, 0, 2 ** -24, -0, NaN];
    expect([...float16ToFloat32(float32ToFloat16(given))]).toEqual(want);
  });

  test('float16 takes the nearest value', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65000, max: 65000 }), (value) => {
        const [half] = float32ToFloat16([value]);
        const error = (h: number) => Math.abs(float16ToFloat32(Uint16Array.of(h))[0] - value);
        expect(error(half)).toBeLessThanOrEqual(error(half + 1));
        if (half & 0x7fff) expect(error(half)).toBeLessThanOrEqual(error(half - 1));
      }),
      { seed: 6 },
    );
  });
});
