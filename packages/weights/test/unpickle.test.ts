import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PickleGlobal, PickleObject, type PickleValue } from '../src/pth/pickleValues';
import { unpickle } from '../src/pth/unpickle';

const files = JSON.parse(
  readFileSync(new URL('goldens/checkpoints.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const nothing = { reduce: () => undefined, persistent: () => null };
const read = (bytes: Uint8Array, position = 0) => unpickle(bytes, position, nothing);
const values = (protocol: number) =>
  read(new Uint8Array(Buffer.from(files[`pickle${protocol}`]!, 'base64'))).value as PickleValue[][];

const codes = (...parts: (string | number)[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part].map((c) => c.charCodeAt(0)))),
  );

// Written by Python: `values` in goldens/make_checkpoints.py.
describe.each([1, 2, 3, 4, 5])('protocol %i', (protocol) => {
  const [numbers, others, texts, containers, sets, objects] = values(protocol) as [
    ...[PickleValue[], PickleValue[], PickleValue[], PickleValue[], PickleValue[]],
    PickleObject[],
  ];

  test('integers of every width: numbers while they are exact, bigints beyond', () => {
    const small = [
      0,
      255,
      256,
      65535,
      65536,
      -1,
      2 ** 31 - 1,
      2 ** 31,
      -(2 ** 31),
      -(2 ** 40),
      2 ** 53,
      -(2 ** 53),
    ];
    expect(numbers).toEqual([...small, 2n ** 53n + 1n, 2n ** 63n, -(2n ** 63n) - 1n, 2n ** 70n]);
  });

  test('floats, booleans and none', () => {
    expect(others).toEqual([1.5, -0, 1e300, true, false, null]);
  });

  test('texts and bytes', () => {
    expect(texts!.slice(0, 4)).toEqual(['', 'a', '한글 \n\\', 'x'.repeat(300)]);
    if (protocol < 3) return; // bytes are calls of an encoder there
    expect(texts!.slice(4, 6)).toEqual([codes('ab'), codes('c'.repeat(300))]);
    if (protocol === 5) expect(texts![6]).toEqual(codes('d'));
  });

  test('tuples, lists and dicts', () => {
    const dict = new Map<PickleValue, PickleValue>([
      ['a', 1],
      [2, 'b'],
    ]);
    expect(containers).toEqual([[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [], [[1], [2]], new Map(), dict]);
  });

  test('what is written twice is one; sets are lists', () => {
    expect(sets![2]).toEqual([1, 2]);
    expect(sets![3]).toBe(sets![2]);
    if (protocol >= 4) expect(sets!.slice(0, 2)).toEqual([[1], [2]]);
  });

  test('objects are inert: a name, arguments, state and items', () => {
    const [namespace, listing, config, byName, partial] = objects;
    expect(objects.every((value) => value instanceof PickleObject)).toBe(true);
    expect(namespace!.state).toEqual(new Map([['lr', 0.5]]));
    expect(partial!.name).toBe('functools.partial');
    if (protocol < 2) return; // the others are made by copyreg._reconstructor there
    expect(listing!.items).toEqual([1, 2]);
    expect(config!.entries).toEqual(new Map([['lr', 0.1]]));
    expect([namespace!.name, namespace!.args]).toEqual(['argparse.Namespace', []]);
    expect(byName!.name).toMatch(protocol < 4 ? /partial/ : /project\.ByName/);
  });
});

describe('opcodes one by one', () => {
  const list = (...parts: (string | number)[]) => read(codes(...parts)).value;

  test('the value ends at its stop; the next begins there', () => {
    const bytes = codes('K', 7, '.K', 8, '.');
    expect(read(bytes)).toEqual({ value: 7, end: 3 });
    expect(read(bytes, 3)).toEqual({ value: 8, end: 6 });
  });

  test('duplicate, drop, drop to the mark', () => {
    expect(list('(K', 1, '2t.')).toEqual([1, 1]);
    expect(list('K', 1, 'K', 2, '0.')).toBe(1);
    expect(list('K', 1, '(K', 2, 'K', 3, '1.')).toBe(1);
  });

  test('the old class opcode, names by stack, long memo numbers', () => {
    expect(list('(cproject\nOld\nK', 5, 'o.')).toEqual(new PickleObject('project.Old', [5]));
    expect(list(0x8c, 1, 'm', 0x8c, 1, 'n', 0x93, '.')).toEqual(new PickleGlobal('m.n'));
    expect(list('(K', 4, 'r', 1, 2, 0, 0, 'j', 1, 2, 0, 0, 't.')).toEqual([4, 4]);
    expect(list('(K', 4, 'q', 9, 'K', 5, 'h', 9, 't.')).toEqual([4, 5, 4]);
    expect(list('(K', 4, 0x94, 'K', 5, 0x94, 'h', 1, 'h', 0, 't.')).toEqual([4, 5, 5, 4]);
  });

  test('texts and bytes with long lengths; one item at a time', () => {
    expect(list(0x8d, 2, 0, 0, 0, 0, 0, 0, 0, 'ab.')).toBe('ab');
    expect(list(0x8e, 2, 0, 0, 0, 0, 0, 0, 0, 'ab.')).toEqual(codes('ab'));
    expect(list('T', 1, 0, 0, 0, 'aU', 1, 'b', 0x86, '.')).toEqual(['a', 'b']);
    expect(list(0x8b, 2, 0, 0, 0, 0xff, 0xff, '.')).toBe(-1);
    expect(list(']K', 1, 'a.')).toEqual([1]);
    expect(list('}K', 1, 'K', 2, 's.')).toEqual(new Map([[1, 2]]));
    expect(list('I12\n.')).toBe(12);
    expect(list('L-9007199254740993L\n.')).toBe(-9007199254740993n);
  });

  test('what a call of an inert object gives is inert; state of what has none is dropped', () => {
    expect(list('cm\nn\n)R(K', 1, 'tR.')).toEqual(new PickleObject('m.n', [1]));
    expect(list(']}b.')).toEqual([]);
  });

  test.each<[string, (string | number)[], RegExp]>([
    ['an item of a number', ['K', 1, 'K', 2, 'K', 3, 's.'], /sets an item of what is no dict/],
    ['an item appended to a dict', ['}K', 1, 'a.'], /appends to what is no list/],
    ['arguments that are none', ['cm\nn\nK', 1, 'R.'], /calls what is no name/],
    ['an integer of letters', ['Iabc\n.'], /"abc" for an integer/],
    ['an integer of letters at its end', ['L1x\n.'], /"1x" for an integer/],
    ['a line without end', ['cmodule'], /cut off/],
    ['a name without end', ['cmodule\nname'], /cut off/],
    ['a text cut by one byte', ['X', 3, 0, 0, 0, 'ab'], /cut off/],
    ['no stop', ['K', 1], /cut off/],
    ['a mark as value', ['(.'], /empty stack/],
    ['an unknown opcode', ['\xff'], /opcode 0xff, which weights/],
    ['a text opcode of protocol 0', ["S'a'\n."], /opcode 0x53/],
  ])('%s is refused', (_, parts, message) => {
    expect(() => read(codes(...parts))).toThrow(message);
  });
});
