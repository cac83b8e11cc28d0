import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCoco } from '../src/io/coco/parseCoco';
import { parseLabelme } from '../src/io/labelme/parseLabelme';
import {
  deepJson,
  encoded,
  expectNothingLost,
  open,
  pictures,
  run,
  samples,
  type FuzzSample,
} from './fuzzSupport';

describe('JSON: no crash, no hang, no silent loss', () => {
  test.each(['', 'images/'])('COCO, pictures in %j', async (folder) => {
    const id = fc.oneof(
      fc.nat(4),
      fc.constantFrom('1', 1.5, null, undefined, '9007199254740993', [1], NaN, true),
    );
    await fc.assert(
      fc.asyncProperty(
        samples,
        fc.array(fc.tuple(id, id), { minLength: 6, maxLength: 6 }),
        async (list, ids) => {
          const content = {
            images: list.map((one, i) => ({
              id: ids[i]![0],
              file_name: `${one.path}.jpg`,
              width: 20,
              height: '12',
            })),
            annotations: list.flatMap(({ objects }, i) =>
              objects.map(({ box }, k) => ({
                id: k,
                image_id: ids[i]![0],
                category_id: ids[k]![1],
                bbox: box,
              })),
            ),
            categories: ids.map(([, category], i) => ({ id: category, name: ['cat', 'dog', '', 4][i % 4] })),
          };
          const dataset = await open(
            { 'a.json': JSON.stringify(content), ...pictures(list, folder) },
            'coco',
          );
          if (!dataset) return;
          expectNothingLost(dataset, list.length);
          const objects = Array.from({ length: dataset.length }, (_, i) => dataset.truth(i).labels.length);
          const lost = dataset.problems.filter(({ kind }) => kind === 'object');
          const all = content.annotations.length;
          // Objects of a sample that is lost are lost with it.
          expect(objects.reduce((a, b) => a + b, 0) + lost.length).toBeLessThanOrEqual(all);
          if (dataset.length === list.length)
            expect(objects.reduce((a, b) => a + b, 0) + lost.length).toBe(all);
        },
      ),
      run,
    );
  });

  test('labelme', async () => {
    const type = fc.constantFrom('rectangle', 'polygon', 'circle', 'line', 'point', 'mask', undefined, 7);
    await fc.assert(
      fc.asyncProperty(samples, type, fc.jsonValue(), async (list, kind, odd) => {
        const json = (one: FuzzSample): string => {
          const shapes = one.objects.map(({ name, box: [a, b, c, d] }) => ({
            label: name,
            shape_type: kind,
            points: [
              [a, b],
              [c, d],
            ],
          }));
          return JSON.stringify({
            shapes: [...shapes, odd],
            imagePath: `${one.path.replace(/.*\//, '')}.jpg`,
          });
        };
        for (const one of list) {
          const { objects, problems } = parseLabelme(json(one), 'f.json');
          expect(objects.length + problems.length).toBe(one.objects.length + 1);
        }
        const files = list.map((one) => [
          `${one.path}.json`,
          encoded(json(one), { encoding: one.encoding, damage: undefined }),
        ]);
        const dataset = await open({ ...Object.fromEntries(files), ...pictures(list) }, 'labelme');
        if (dataset) expectNothingLost(dataset, list.length);
      }),
      run,
    );
  });

  test('COCO and labelme: any depth in any place', () => {
    const place = fc.constantFrom('id', 'image_id', 'category_id', 'bbox', 'segmentation', 'iscrowd', 'area');
    fc.assert(
      fc.property(place, deepJson, (key, deep) => {
        const annotation = { id: 1, image_id: 1, category_id: 1, bbox: [0, 0, 2, 2] };
        const text = JSON.stringify({
          images: [
            { id: 1, file_name: 'a.jpg' },
            { id: 'DEEP', file_name: 'b.jpg' },
          ],
          annotations: [{ ...annotation, [key]: 'DEEP' }],
          categories: [
            { id: 1, name: 'a' },
            { id: 'DEEP', name: 'b' },
          ],
        }).replaceAll('"DEEP"', deep);
        const { images, problems } = parseCoco(text, 'f.json');
        expect(images.length + problems.filter(({ kind }) => kind === 'sample').length).toBe(2);
        const objects = images.reduce((sum, image) => sum + image.objects.length, 0);
        expect(objects + problems.filter(({ kind }) => kind === 'object').length).toBe(1);
        for (const { message } of problems) expect(message.length).toBeLessThan(500);
      }),
      { numRuns: 40 },
    );
    fc.assert(
      fc.property(fc.constantFrom('label', 'points', 'shape_type', 'group_id'), deepJson, (key, deep) => {
        const shape = {
          label: 'a',
          shape_type: 'rectangle',
          points: [
            [0, 0],
            [2, 2],
          ],
        };
        const text = JSON.stringify({ shapes: [{ ...shape, [key]: 'DEEP' }] }).replace('"DEEP"', deep);
        const { objects, problems } = parseLabelme(text, 'f.json');
        expect(objects.length + problems.length).toBe(1);
      }),
      { numRuns: 40 },
    );
  });
});
