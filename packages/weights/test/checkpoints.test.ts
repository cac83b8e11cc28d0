import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import './readers';
import { describe, expect, test } from 'vitest';
import { readStateDict as readBytes } from '../src';
import type { StateDict } from '../src';
import { readStateDict } from '../src/node';

// Files of every tool's shape, made by Python's pickle: goldens/make_checkpoints.py.
const files = JSON.parse(
  readFileSync(new URL('goldens/checkpoints.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const read = (name: string) => readBytes(new Uint8Array(Buffer.from(files[name]!, 'base64')));

/** Names, types, shapes and values, in the file's order. */
const listed = (state: StateDict) =>
  [...state].map(([name, { dtype, shape, data }]) => [name, dtype, shape, [...data].map(Number)]);

const weight = ['a.weight', 'float32', [2, 3], [0, 1, 2, 3, 4, 5]];
const bias = ['a.bias', 'float32', [2], [10, 20]];

describe('where the weights lie', () => {
  test.each<[string, string]>([
    ['a tensor beside state_dict', 'scalarBeside'],
    ['a name nobody knows, beside tensors of the training', 'unknownName'],
    ['first of a list', 'inList'],
    ['four dicts deep', 'deep'],
    ['averaged weights before the last ones', 'averagedFirst'],
    ['no averaged weights under their name', 'averagedNone'],
    ['only a counter under the name of averaged weights', 'averagedCounts'],
    ['AveragedModel of torchvision’s references', 'averagedModel'],
    ['torch.compile inside DataParallel, twice', 'compiled'],
    ['a part that is compiled', 'compiledPart'],
    ['a Lightning module’s attribute', 'lightning'],
    ['a defaultdict', 'defaultDict'],
    ['a class derived from dict', 'configDict'],
    ['protocol 1', 'protocol1'],
    ['objects of everything, protocol 2', 'objects2'],
    ['objects of everything, protocol 3', 'objects3'],
    ['objects of everything, protocol 4', 'objects4'],
    ['objects of everything, protocol 5', 'objects5'],
    ['float8 beside the weights', 'float8Beside'],
    ['single quantised numbers beside the weights', 'quantisedBeside'],
    ['a call of os.system beside the weights', 'attack'],
    ['a call of eval beside the weights', 'attackByEval'],
    ['a file from before 1.6 with complex numbers beside', 'legacy2'],
    ['the older layout in protocol 4', 'legacy4'],
  ])('%s', async (_, name) => {
    expect(listed(await read(name))).toEqual([weight, bias]);
    expect(existsSync('executed')).toBe(false);
  });

  test('single numbers are weights where nothing else is there', async () => {
    expect(listed(await read('scalarsOnly'))).toEqual([
      ['scale', 'float32', [], [2]],
      ['steps', 'int64', [], [5]],
    ]);
  });

  test('a prefix stays where not every name has it, and model. where Lightning wrote no file', async () => {
    const names = async (name: string) => [...(await read(name)).keys()];
    expect(await names('oneUnwrapped')).toEqual(['module.a.weight', 'module.a.bias', 'b']);
    expect(await names('lightningLoss')).toEqual(['model.a.weight', 'model.a.bias', 'loss.weight']);
    expect(await names('modelPrefix')).toEqual(['model.a.weight', 'model.a.bias']);
  });

  test('of a whole module what state_dict() gives: no empty entries, no transient buffers', async () => {
    expect(listed(await read('module'))).toEqual([
      ['scale', 'float32', [], [3]],
      ['mean', 'float32', [2], [1, 2]],
      weight,
    ]);
    expect(listed(await read('module4'))).toEqual(listed(await read('module')));
    expect(listed(await read('bare'))).toEqual([['w', 'float32', [1], [1]]]); // older PyTorch
    expect(listed(await read('moduleOfDataParallel'))).toEqual([['w', 'float32', [1], [1]]]);
    expect(listed(await read('ultralytics'))).toEqual([['model.0.weight', 'float16', [2], [1.5, -2]]]);
  });

  test('of TorchScript the attributes that are tensors', async () => {
    expect(listed(await read('script'))).toEqual([['scale', 'float32', [], [3]], weight]);
  });
});

describe('tensors', () => {
  test('a view begins at its offset and steps by its strides', async () => {
    expect(listed(await read('view'))).toEqual([
      ['row', 'float32', [3], [4, 5, 6]],
      ['column', 'float32', [3], [1, 5, 9]],
      ['last', 'float32', [], [11]],
      ['turned', 'float32', [2, 3], [2, 6, 10, 3, 7, 11]],
      ['flat', 'float32', [1, 2], [5, 6]],
    ]);
  });

  test('a storage that is part of another begins where it says', async () => {
    expect(listed(await read('legacyView'))).toEqual([
      ['part', 'float32', [2], [6, 7]],
      ['whole', 'float32', [12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    ]);
  });

  test('every way PyTorch writes one', async () => {
    expect(listed(await read('attributes'))).toEqual([['s', 'float32', [2], [1, 2]]]);
    expect(listed(await read('parameters'))).toEqual([
      ['a', 'float32', [1], [1]],
      ['b', 'int16', [2], [1, -2]],
      ['c', 'uint16', [2], [2, 65535]],
      ['d', 'int8', [2], [1, -2]],
    ]);
  });

  test('quantised ones become the numbers they stand for: (stored − zero point) · scale', async () => {
    const f = Math.fround;
    expect(listed(await read('quantised'))).toEqual([
      ['all', 'float32', [2, 3], [-65.5, 0, 1, 62, -1.5, -1]],
      ['unsigned', 'float32', [2], [f(-128 * f(0.1)), f(127 * f(0.1))]],
      ['rows', 'float32', [2, 3], [0.5, 1, 1.5, 0, 2, 4]],
      ['columns', 'float32', [2, 3], [1, 10, 100, 4, 40, 400]],
      ['middle', 'float32', [2, 2, 2], [1, 2, 30, 40, 5, 6, 70, 80]],
    ]);
  });
});

describe('what is refused, with the tensor’s name and the cure', () => {
  test.each<[string, RegExp]>([
    ['beyond', /a of shape \[3\] reaches beyond its storage of 12 elements/],
    ['beyondByStride', /a of shape \[2,3\] reaches beyond its storage of 12 elements/],
    ['overlapping', /overlap in more elements than the file has/],
    ['twoNetworks', /several networks \(generator, discriminator\): save the state dict of one/],
    ['compiledTwice', /two of its tensors have one name without _orig_mod/],
    ['array', /b is made by numpy\._core\.multiarray\._reconstruct, which is not read; save it as a plain/],
    ['arraysOnly', /no dict of tensors; it holds model: save model\.state_dict\(\)/],
    ['sparse', /s is made by torch\._utils\._rebuild_sparse_tensor, which/],
    ['subclass', /no dict of tensors; it holds s \(torch\._tensor\._rebuild_from_type_v2\)/],
    ['complex32', /c is stored as torch\.complex32, which is not read; save c\.float\(\)/],
    ['float8', /e is stored as torch\.Float8_e4m3fnStorage, which is not read; save e\.float\(\)/],
    ['quantisedShort', /other scales than its shape needs/],
    ['quantisedAxis', /other scales than its shape needs/],
    ['quantisedNone', /a is made by torch\._utils\._rebuild_qtensor, which is not read/],
    ['quantisedOther', /it holds a \(torch\._utils\._rebuild_qtensor\)/],
    ['attackOnTensor', /x is made by (posix|os)\.system, which is not read/],
    ['legacyUnknown', /a storage of type torch\.OddStorage, which is not read/],
    ['legacyComplex', /x is stored as torch\.ComplexFloatStorage/],
  ])('%s', async (name, message) => {
    await expect(read(name)).rejects.toThrow(message);
    expect(existsSync('executed')).toBe(false);
  });
});

const cases = join(import.meta.dirname, '../../../../shared/cases');
describe.skipIf(!existsSync(cases))('files met in public reports (skipped without ../shared)', () => {
  const small = [
    ['a.weight', 'float32', [2, 3], [0, 1, 2, 3, 4, 5]],
    ['a.bias', 'float32', [2], [1, 2]],
    ['bn.num_batches_tracked', 'int64', [], [7]],
  ];
  test.each('args compiled dtype imagenet_example lightning net numpy_scalar posixpath'.split(' '))(
    '%s.pth',
    async (name) => {
      const state = listed(await readStateDict(join(cases, `02-checkpoint-shapes/${name}.pth`)));
      expect(state.map(([key, dtype, shape]) => [key, dtype, shape])).toEqual(
        small.map(([key, dtype, shape]) => [key, dtype, shape]),
      );
      expect(state[0]).toEqual(small[0]);
    },
  );

  test('quant.pth, whole.pth and f8.safetensors', async () => {
    const open = (name: string) => readStateDict(join(cases, '02-checkpoint-shapes', name));
    expect(listed(await open('quant.pth'))).toEqual([
      ['a', 'float32', [4], [1, 1, 1, 1]],
      ['b', 'float32', [2], [1, 1]],
    ]);
    const whole = await open('whole.pth');
    expect(whole.size).toBe(52); // SqueezeNet's 26 convolutions
    expect(whole.get('features.3.squeeze.weight')?.shape).toEqual([16, 64, 1, 1]);
    await expect(open('f8.safetensors')).rejects.toThrow(/f8\.safetensors: a is stored as F8_E4M3.*convert/);
  });

  const arange = [0, 1, 2, 3, 4, 5];
  test.each<[string, string, number]>([
    ['bigendian.h5', 'a/kernel', 2],
    ['full.h5', 'dense/dense/kernel', 2],
    ['gz.h5', 'a/half', 5],
    ['k2.h5', 'dense/dense/kernel', 2],
    ['k3.weights.h5', 'layers/dense/vars/0', 2],
    ['k3plain.weights.h5', 'layers/dense/vars/0', 2],
    ['unsigned.h5', 'a/kernel', 5],
    ['model.keras', 'layers/dense/vars/0', 2],
  ])('%s', async (name, key, count) => {
    const state = await readStateDict(join(cases, '22-keras-h5', name));
    expect(state.size).toBe(count);
    expect([...(state.get(key)?.data ?? [])]).toEqual(arange);
    expect(state.get(key)?.shape).toEqual([2, 3]);
  });

  test('Keras 3 files hold the same weights compiled or not, zipped or not', async () => {
    const names = async (name: string) =>
      listed(await readStateDict(join(cases, '22-keras-h5', name))).map(([key, , shape]) => [key, shape]);
    const plain = await names('keras3_uncompiled.weights.h5');
    expect(plain).toHaveLength(8);
    expect(await names('keras3_compiled.weights.h5')).toEqual(plain);
    expect(await names('keras3.keras')).toEqual(plain);
  });
});
