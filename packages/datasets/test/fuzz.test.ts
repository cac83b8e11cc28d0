import * as fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { SampleError } from '../src';
import { parseCvat } from '../src/io/cvat/parseCvat';
import { parseLabelme } from '../src/io/labelme/parseLabelme';
import { parseVoc } from '../src/io/voc/parseVoc';
import { openDataset, type DatasetFormat, type FileDataset } from '../src/node';
import { picture, temporaryFolder, writeFiles } from './fixtures';

const root = temporaryFolder();
const size = { width: 20, height: 12 };
let jpeg: Uint8Array;
beforeAll(async () => {
  jpeg = await picture(size.width, size.height);
});

/** Names of files and folders that shells, lists, URLs, XML and YAML trip over. */
const part = fc
  .oneof(
    fc.constantFrom(
      'images',
      'labels',
      'train',
      'val',
      'a',
      'A',
      '1',
      '01',
      'a b',
      '한글',
      'ä',
      '100%',
      'a%20b',
      '#1',
      "it's",
      '"q"',
      '&amp;',
      '<b>',
      '-',
      'null',
      'a.b',
      'x.txt',
      '__proto__',
    ),
    fc.stringMatching(/^[!#-.0-9:-[\]-~äé漢字]{1,6}$/),
  )
  .filter((name) => !name.startsWith('.') && !/^\s|\s$/.test(name));
const pathOf = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

/** A number as files have it, mostly good. */
const numberText = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 0, max: 12, noNaN: true }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      'nan',
      'NaN',
      'inf',
      '-1',
      '1e999',
      '١',
      '0x10',
      '1,5',
      '99999999999999999999',
      '-0',
    ),
  },
);
const className = fc.oneof(
  fc.constantFrom('cat', 'dog', '1', ''),
  fc.string({ maxLength: 5 }),
  fc.constantFrom('人', '__proto__', 'a]]>b', '&lt;'),
);
const object = fc.record({ name: className, box: fc.tuple(numberText, numberText, numberText, numberText) });
type FuzzObject = typeof object extends fc.Arbitrary<infer T> ? T : never;

/** Whether a picture is there, broken, or not; what is annotated on it. */
const sample = fc.record({
  path: pathOf,
  picture: fc.constantFrom('good', 'good', 'good', 'broken', 'missing'),
  objects: fc.array(object, { maxLength: 4 }),
  encoding: fc.constantFrom('utf8', 'utf8', 'mark', 'utf16', 'latin1'),
  damage: fc.option(fc.tuple(fc.nat(200), fc.string({ maxLength: 3 })), { freq: 5, nil: undefined }),
});
type FuzzSample = typeof sample extends fc.Arbitrary<infer T> ? T : never;
const samples = fc
  .uniqueArray(sample, { minLength: 1, maxLength: 6, selector: ({ path }) => path.toLowerCase() })
  // A path can't be a file and a folder.
  .filter(
    (list) =>
      !list.some((a) => list.some((b) => b.path.startsWith(`${a.path}.`) || b.path.startsWith(`${a.path}/`))),
  );

function encoded(text: string, { encoding, damage }: Pick<FuzzSample, 'encoding' | 'damage'>): Uint8Array {
  const broken = damage ? text.slice(0, damage[0]) + damage[1] + text.slice(damage[0] + 3) : text;
  if (encoding === 'utf16') return Buffer.from(`\uFEFF${broken}`, 'utf16le');
  if (encoding === 'latin1') return Buffer.from(broken, 'latin1');
  return Buffer.from((encoding === 'mark' ? '\uFEFF' : '') + broken);
}

function pictures(list: readonly FuzzSample[], folder = ''): Record<string, Uint8Array> {
  return Object.fromEntries(
    list
      .filter((one) => one.picture !== 'missing')
      .map((one) => [`${folder}${one.path}.jpg`, one.picture === 'good' ? jpeg : jpeg.subarray(0, 30)]),
  );
}

/** Opens what was written; undefined where nothing at all was usable, which must be an error of a file. */
async function open(
  files: Record<string, string | Uint8Array>,
  format: DatasetFormat,
): Promise<FileDataset | undefined> {
  const folder = mkdtempSync(join(root, 'f-'));
  try {
    await writeFiles(folder, files);
    return await openDataset(folder, { format });
  } catch (error) {
    expect(error).toBeInstanceOf(SampleError);
    expect((error as SampleError).message).toMatch(/^.+: .+; .+/s);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Samples in = samples out + problems, and every box is finite and within its picture. */
function expectNothingLost(dataset: FileDataset, count: number): void {
  const lost = dataset.problems.filter(({ kind }) => kind === 'sample');
  expect(dataset.length + lost.length).toBe(count);
  expect(new Set(Array.from({ length: dataset.length }, (_, i) => dataset.id(i))).size).toBe(dataset.length);
  for (let i = 0; i < dataset.length; i++) {
    const { boxes, labels } = dataset.truth(i);
    expect(boxes).toHaveLength(labels.length * 4);
    boxes.forEach((edge, k) =>
      expect(edge >= 0 && edge <= (k % 2 === 0 ? size.width : size.height)).toBe(true),
    );
    labels.forEach((label) => expect(dataset.classes[label - 1]).toBeDefined());
  }
}

const escaped = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/"/g, '&quot;')
    .replace(/\p{Cc}|[\ufffe\uffff]/gu, '');

function voc(one: FuzzSample): string {
  const objects = one.objects.map(({ name, box }) => {
    const corners = ['xmin', 'ymin', 'xmax', 'ymax'].map((tag, i) => `<${tag}>${box[i]}</${tag}>`).join('');
    return `<object><name>${escaped(name)}</name><bndbox>${corners}</bndbox></object>`;
  });
  return `<annotation><filename>${escaped(one.path)}.jpg</filename><size><width>20</width><height>12</height></size>${objects.join('')}</annotation>`;
}

const run = { numRuns: 25 };

describe('no crash, no hang, no silent loss', () => {
  test.each(['', 'Annotations/|JPEGImages/', 'annots/|images/'])('VOC in %j', async (folders) => {
    const [annotations = '', images = annotations] = folders.split('|');
    await fc.assert(
      fc.asyncProperty(samples, async (list) => {
        const xmls = list.map((one) => [`${annotations}${one.path}.xml`, encoded(voc(one), one)]);
        const dataset = await open({ ...Object.fromEntries(xmls), ...pictures(list, images) }, 'voc');
        if (dataset) expectNothingLost(dataset, list.length);
      }),
      run,
    );
  });

  test('VOC: objects in = objects out + problems', () => {
    fc.assert(
      fc.property(samples, (list) => {
        for (const one of list) {
          const { objects, problems } = parseVoc(voc(one), 'f.xml');
          expect(objects.length + problems.length).toBe(one.objects.length);
        }
      }),
    );
  });

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

  test.each(['', 'labels/|images/', 'train/labels/|train/images/'])('YOLO in %j', async (folders) => {
    const [labels = '', images = labels] = folders.split('|');
    const row = ({ name, box }: FuzzObject): string =>
      `${name.length} ${box.map((text) => Number(text) / 12 || text).join(' ')}`;
    await fc.assert(
      fc.asyncProperty(samples, async (list) => {
        const named = list.filter(({ path }) => !/(classes|train|val|test)$/i.test(path));
        if (named.length === 0) return;
        const texts = named.map((one) => [
          `${labels}${one.path}.txt`,
          encoded(one.objects.map(row).join('\n'), one),
        ]);
        const files = {
          'classes.txt': 'a\nb\nc\nd',
          ...Object.fromEntries(texts),
          ...pictures(named, images),
        };
        const dataset = await open(files, 'yolo');
        if (!dataset) return;
        // A label file of a picture that is missing is a sample where it has rows, else it can't be told from a note.
        const sure = named.filter((one) => one.picture !== 'missing');
        const lost = dataset.problems.filter(({ kind }) => kind === 'sample');
        expect(dataset.length + lost.length).toBeGreaterThanOrEqual(sure.length);
        expect(dataset.length + lost.length).toBeLessThanOrEqual(named.length);
        expectNothingLost(dataset, dataset.length + lost.length);
      }),
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

  test('CVAT', async () => {
    await fc.assert(
      fc.asyncProperty(samples, fc.constantFrom('', 'images/'), async (list, folder) => {
        const images = list.map((one, i) => {
          const boxes = one.objects.map(
            ({ name, box: [a, b, c, d] }) =>
              `<box label="${escaped(name).replace(/\s/g, ' ')}" xtl="${a}" ytl="${b}" xbr="${c}" ybr="${d}"/>`,
          );
          return `<image id="${i}" name="${escaped(one.path)}.jpg" width="20" height="12">${boxes.join('')}</image>`;
        });
        const xml = `<?xml version="1.0"?><annotations>${images.join('')}</annotations>`;
        const parsed = parseCvat(xml, 'f.xml');
        const objects = parsed.images.flatMap((image) => image.objects);
        expect(objects.length + parsed.problems.length).toBe(list.flatMap((one) => one.objects).length);
        const dataset = await open({ 'annotations.xml': xml, ...pictures(list, folder) }, 'cvat');
        if (dataset) expectNothingLost(dataset, list.length);
      }),
      run,
    );
  });

  test('a folder of any files is a dataset or an error of a file, whatever the format', async () => {
    const content = fc.oneof(
      fc.constantFrom(
        '',
        '{}',
        '[]',
        '{"shapes": [1]}',
        '{"images": [], "annotations": [], "categories": []}',
        '<annotation/>',
        '<annotations><image/></annotations>',
        'names: [a]',
        'names: {0: a, 0: b}\ntrain: .',
        '0 .5 .5 .1 .1',
        '[{"data": {}, "annotations": []}]',
      ),
      fc.string(),
    );
    const file = fc.tuple(part, fc.constantFrom('.xml', '.json', '.yaml', '.txt', '.jpg', '.names'), content);
    const formats = fc.constantFrom('auto', 'voc', 'coco', 'yolo', 'labelme', 'cvat');
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 6 }), formats, async (files, format) => {
        const written = Object.fromEntries(
          files.map(([name, ending, text]) => [name.replace(/\//g, '_') + ending, text]),
        );
        await open(written, format as DatasetFormat);
      }),
      run,
    );
  });
});
