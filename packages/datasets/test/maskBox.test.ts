import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { maskBox } from '../src/io/coco/maskBox';
import { parseCoco } from '../src/io/coco/parseCoco';

interface Golden {
  size: [number, number];
  text: string;
  counts: number[];
  /** x y width height */
  bbox: [number, number, number, number];
}

const goldens = JSON.parse(readFileSync(new URL('goldens/rle.json', import.meta.url), 'utf8')) as Golden[];

test.each(goldens.map((golden) => [golden.size.join(' × '), golden] as const))(
  "a mask of %s has pycocotools' box, written as a list and as text",
  (_, { size, text, counts, bbox: [x, y, width, height] }) => {
    expect(maskBox({ size, counts })).toEqual([x, y, x + width, y + height]);
    expect(maskBox({ size, counts: text })).toEqual([x, y, x + width, y + height]);
  },
);

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['polygons', [[1, 2, 3, 4, 5, 6]]],
  ['no size', { counts: [1, 2] }],
  ['a size that is none', { size: [0, 4], counts: [0, 2] }],
  ['no runs', { size: [3, 4] }],
  ['no pixel', { size: [3, 4], counts: [12] }],
  ['runs of nothing', { size: [3, 4], counts: [4, 0, 8] }],
  ['more than its size', { size: [3, 4], counts: [4, 9] }],
  ['a run that is none', { size: [3, 4], counts: [4, -2, 3] }],
  ['text that is none', { size: [3, 4], counts: 'é' }],
  ['text that ends within a number', { size: [3, 4], counts: '4P' }],
  ['text of endless numbers', { size: [3, 4], counts: 'o'.repeat(1000) }],
])('%s is no mask', (_, segmentation) => {
  expect(maskBox(segmentation)).toBeUndefined();
});

test('an object with nothing but its mask has the box of it', () => {
  const { size, text, bbox } = goldens[0]!;
  const annotation = { id: 1, image_id: 1, category_id: 1, iscrowd: 0 };
  const content = {
    images: [{ id: 1, file_name: 'a.jpg', width: size[1], height: size[0] }],
    categories: [{ id: 1, name: 'cat' }],
    annotations: [
      { ...annotation, segmentation: { size, counts: text } },
      { ...annotation, id: 2, segmentation: { size, counts: 'é' } },
    ],
  };
  const { images, problems } = parseCoco(JSON.stringify(content), 'f.json');
  const [x, y, width, height] = bbox;
  expect(images[0]!.objects).toMatchObject([{ box: [x, y, x + width, y + height] }]);
  expect(problems.map(({ message }) => message)).toEqual([
    'f.json: annotation 2 has bbox undefined, which is not [x, y, width, height], and no polygon or mask, skipped; correct or delete that annotation',
  ]);
});
