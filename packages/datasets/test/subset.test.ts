import { expect, test } from 'vitest';
import { digits, subset } from '../src';

const dataset = digits({ count: 5, random: () => 0.5 });

test('a subset has the samples of its indices, in their order', async () => {
  const part = subset(dataset, [4, 0, 4]);
  expect(part).toMatchObject({ name: dataset.name, classes: dataset.classes, length: 3 });
  expect([part.id(0), part.id(1), part.id(2)]).toEqual(['00004', '00000', '00004']);
  expect(await part.get(1)).toEqual(await dataset.get(0));
  expect(part.imageFile).toBeUndefined();
});

test('a subset knows the files that its dataset knows', () => {
  const part = subset({ ...dataset, imageFile: (index) => `${index}.png` }, [3]);
  expect(part.imageFile!(0)).toBe('3.png');
});

test('an index outside is named', async () => {
  expect(() => subset(dataset, [0, 5])).toThrow('subset: indices must be integers in [0, 5), got 5');
  expect(() => subset(dataset, [0.5])).toThrow('got 0.5');
  const part = subset(dataset, [1]);
  expect(() => part.id(1)).toThrow('subset: index must be in [0, 1), got 1');
  await expect(part.get(1)).rejects.toThrow('subset: index must be in [0, 1), got 1');
});
