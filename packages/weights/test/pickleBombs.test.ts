import { expect, test } from 'vitest';
import { toStateDict } from '../src/pth/toStateDict';
import { torchHandlers } from '../src/pth/torchObjects';
import { unpickle } from '../src/pth/unpickle';

// Files of a few hundred kilobytes, of which each once took minutes or gigabytes.

const read = async (pickle: string) =>
  toStateDict(
    unpickle(Buffer.from(`\x80\x02${pickle}.`, 'latin1'), 0, torchHandlers().handlers).value,
    async ({ count }) => new Float32Array(count),
    1000,
  );
const int = (value: number) =>
  `J${String.fromCharCode(value & 255, (value >> 8) & 255, (value >> 16) & 255, 0)}`;
const word = (text: string) => `\x8c${String.fromCharCode(text.length)}${text}`;
const each = (count: number, item: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => item(i)).join('');
const tensor = (axes = '(K\x04t', strides = '(K\x01t') =>
  `ctorch._utils\n_rebuild_tensor_v2\n((${word('storage')}ctorch\nFloatStorage\n${word('0')}${word('cpu')}K\x04tQK\0${axes}${strides}tR`;
const dict = (items: string) => `}(${items}u`;
const module = (parameters: string, modules: string) =>
  `cM\nM\n(tR}${word('_parameters')}${parameters}s${word('_modules')}${modules}sb`;
/** A list that has one list twice, which has one list twice …: as text it has 2^40 commas. */
const doubled = `]${'q\x000(h\0h\0l'.repeat(40)}`;

test('a key that is a list of lists of lists … is never written out', async () => {
  await expect(read(dict(`${doubled}N`))).rejects.toThrow(/it holds a key that is no text/);
  expect([...(await read(dict(`${doubled}${tensor()}`))).keys()]).toEqual(['a key that is no text']);
});

test('nor is a name that is one', async () => {
  await expect(read(`${doubled}${word('x')}\x93`)).rejects.toThrow(/names something by what is no text/);
});

test('dicts made of one list again and again', async () => {
  const pairs = `((${each(3000, (i) => `${int(i)}N\x86`)}ltq\x010`;
  const made = `ccollections\nOrderedDict\nq\x000${pairs}(${'h\0h\x01R'.repeat(3000)}l`;
  await expect(read(made)).rejects.toThrow(/makes dicts of more than 2000000 pairs/);
});

test('millions of empty lists, and of stored values', async () => {
  await expect(read(`(${']'.repeat(2_000_001)}l`)).rejects.toThrow(
    /more than 2000000 lists, dicts and objects/,
  );
  await expect(read(`N${'\x94'.repeat(2_000_001)}`)).rejects.toThrow(/stores more than 2000000 values/);
});

test('a tensor of more axes than PyTorch has', async () => {
  const axes = (count: number) => `(${'K\x01'.repeat(count)}t`;
  await expect(read(dict(`${word('w')}${tensor(axes(65), axes(65))}`))).rejects.toThrow(
    /describes a tensor wrongly/,
  );
  expect((await read(dict(`${word('w')}${tensor(axes(64), axes(64))}`))).get('w')?.shape).toHaveLength(64);
});

test('one list in many entries is looked through once; with a tensor in it, not for ever', async () => {
  const long = `(${'K\x01'.repeat(100_000)}lq\x050`;
  const entries = (item: string) => each(10_000, (i) => `${int(i)}${item}`);
  await expect(read(`${long}${dict(entries('h\x05'))}`)).rejects.toThrow(/no dict of tensors/);
  const withTensor = `${tensor()}q\x060${long}${dict(`${word('w')}h\x06${entries('(h\x06h\x05t')}`)}`;
  await expect(read(withTensor)).rejects.toThrow(/refer to each other too often/);
});

test('a dict of half a million words beside the tensors', async () => {
  const words = dict(each(500_000, (i) => `${int(i)}K\x01`));
  expect([...(await read(dict(`${word('words')}${words}${word('w')}${tensor()}`))).keys()]).toEqual(['w']);
});

test('modules nested without end, and one module of very many tensors', async () => {
  const nested = (depth: number): string => {
    let inner = module(dict(`${word('w')}${tensor()}`), '}');
    for (let i = 0; i < depth; i++) inner = module('}', dict(`${word('m')}${inner}`));
    return inner;
  };
  expect([...(await read(nested(100))).keys()]).toEqual([`${'m.'.repeat(100)}w`]);
  await expect(read(nested(101))).rejects.toThrow(/nested more than 100 deep/);
  const many = dict(each(100_001, (i) => `${int(i)}h\x06`));
  await expect(read(`${tensor()}q\x060${module(many, '}')}`)).rejects.toThrow(/more than 100000 tensors/);
});
