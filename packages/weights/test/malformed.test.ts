import { readFileSync } from 'node:fs';
import './readers';
import { describe, expect, test } from 'vitest';
import { readStateDict } from '../src';
import { safetensors } from './safetensors';

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
    // Twice in one place: no hole tells it. The second name is the first, written otherwise.
    [
      'a name twice',
      safetensors(
        `{"ab":${JSON.stringify(f32([1], [0, 4]))}, "\\u0061b" :\n{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}`,
        new Uint8Array(4),
      ),
      /ab stands in its header twice/,
    ],
    [
      'a field twice',
      safetensors('{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}', new Uint8Array(4)),
      /dtype stands in its header twice/,
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
    ['a list as header', safetensors('{"a":[1]}'), /a has the unknown dtype/],
    [
      'float8',
      safetensors({ a: f32([4], [0, 4], 'F8_E5M2') }, new Uint8Array(4)),
      /a is stored as F8_E5M2, which is not read; convert/,
    ],
    [
      'a type of four bits',
      safetensors({ a: f32([2], [0, 1], 'F4') }, new Uint8Array(1)),
      /a is stored as F4/,
    ],
    [
      'a type that is a number',
      safetensors({ a: f32([1], [0, 4], 4) }, new Uint8Array(4)),
      /unknown dtype 4/,
    ],
    ['no offsets', safetensors({ a: f32([1], undefined) }), /no pair of byte offsets/],
    ['three offsets', safetensors({ a: f32([1], [0, 4, 8]) }), /no pair of byte offsets/],
    ['half an offset', safetensors({ a: f32([1], [0.5, 4.5]) }), /no pair of byte offsets/],
    ['offsets as text', safetensors({ a: f32([1], ['0', '4']) }), /no pair of byte offsets/],
    ['a shape that is a number', safetensors({ a: f32(1, [0, 4]) }, new Uint8Array(4)), /no list of sizes/],
    ['only a length', safetensors('{', undefined, 0n).subarray(0, 8), /begins as none/],
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
    ['os.system', [...global('os.system'), ...text('(X\x02\0\0\0lstR.')], /an object of os\.system: save/],
    ['a call by stack', [...text('\x8c\x02os\x8c\x06system\x93)R.')], /an object of os\.system/],
    ['a name alone', [...text('\x8c\x08builtins\x8c\x04eval\x93.')], /no dict of tensors: save/],
    [
      'an empty dict made by NEWOBJ',
      [...global('collections.OrderedDict'), ...text(')\x81.')],
      /no dict of tensors/,
    ],
    [
      'an integer of 2 kB',
      [...text('\x8b\0\x08\0\0'), ...Array<number>(2048).fill(1)],
      /more than 1024 bytes/,
    ],
    ['an extension code', text('\x82\x01.'), /opcode 0x82/],
    ['a recall of what is not there', text('h\x05.'), /never stored/],
    ['an empty stack', text('.'), /empty stack/],
    ['a text of 4 GiB', text('X\xff\xff\xff\xff.'), /cut off/],
    ['no mark', text('t.'), /no mark/],
    ['a call of a text', text('X\x01\0\0\0a)R.'), /calls what is no name/],
    [
      'a call of a storage type',
      [...global('torch.FloatStorage'), ...text(')R.')],
      /object of torch\.FloatStorage/,
    ],
    [
      'a dict within a dict, 100,000 deep',
      [...text('}'.repeat(2)), ...text('\x85'.repeat(100_000) + '.')],
      /no dict/,
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

describe('what people take for weights', () => {
  test.each<[string, string, RegExp]>([
    [
      'a pointer of Git LFS',
      'version https://git-lfs.github.com/spec/v1\noid sha256:0',
      /Git LFS.*run git lfs pull/,
    ],
    ['a web page', '\n<!DOCTYPE html><html>', /web page: the download/],
    ['an error page of S3', '<?xml version="1.0"?><Error>', /web page: the download/],
    ['gzip', '\x1f\x8b\x08', /compressed by gzip: unpack it/],
    ['ONNX', '\x08\x07\x12\x07pytorch', /looks like ONNX.*: take the PyTorch or safetensors file/],
    ['GGUF', 'GGUF\x03\0\0\0', /GGUF.*safetensors/],
    ['a pickle', '\x80\x04}.', /Python pickle that torch\.save did not write: load it/],
    ['nothing', '', /it is empty: download it again/],
    ['half a zip', 'PK\x03\x04 and no more', /cut off or damaged; download it again/],
    ['anything', 'hello', /begins as none of safetensors, PyTorch/],
  ])('%s', async (_, start, message) => {
    await expect(readStateDict(Uint8Array.from(text(start)))).rejects.toThrow(message);
  });
});

test('a file cut anywhere is refused', async () => {
  const url = new URL('goldens/legacy.pth', import.meta.url);
  const whole = new Uint8Array(readFileSync(url));
  for (let length = 0; length < whole.length; length += 13)
    await expect(readStateDict(whole.slice(0, length)), `${length} bytes`).rejects.toThrow(RangeError);
  await expect(readStateDict(whole.slice(0, -1))).rejects.toThrow(/cut off/);
});
