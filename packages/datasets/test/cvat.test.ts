import { describe, expect, test } from 'vitest';
import { parseCvat } from '../src/io/cvat/parseCvat';
import { openDataset } from '../src/node';
import { rejection, temporaryFolder, writeFiles } from './fixtures';

const file = (images: string, meta = ''): string =>
  `<?xml version="1.0" encoding="utf-8"?><annotations><version>1.1</version>${meta}${images}</annotations>`;
const image = (shapes: string, name = 'a.jpg', rest = ''): string =>
  `<image id="0" name="${name}" width="64" height="48" ${rest}>${shapes}</image>`;

describe('parseCvat', () => {
  test.each([
    ['<box label="cat" xtl="10.5" ytl="20" xbr="40" ybr="30" occluded="0"/>', [10.5, 20, 40, 30]],
    // Turned by a quarter about its centre (25, 25): sides change places.
    ['<box label="cat" xtl="10" ytl="20" xbr="40" ybr="30" rotation="90"/>', [20, 10, 30, 40]],
    ['<polygon label="cat" points="10,20;40.5,25;12,33"/>', [10, 20, 40.5, 33]],
    ['<ellipse label="cat" cx="20" cy="25" rx="8" ry="3"/>', [12, 22, 28, 28]],
    ['<ellipse label="cat" cx="20" cy="25" rx="8" ry="3" rotation="90"/>', [17, 17, 23, 33]],
    ['<mask label="cat" rle="1, 2" left="5" top="6" width="7" height="8"/>', [5, 6, 12, 14]],
  ])('%s', (shape, box) => {
    const { images, problems } = parseCvat(file(image(shape)), 'f.xml');
    expect(problems).toEqual([]);
    expect(images[0]).toMatchObject({ name: 'a.jpg', size: { width: 64, height: 48 } });
    images[0]!.objects[0]!.box.forEach((edge, i) => expect(edge).toBeCloseTo(box[i]!, 9));
  });

  test('a box turned by 30° is as large as its four corners', () => {
    const shape = '<box label="cat" xtl="10" ytl="20" xbr="40" ybr="30" rotation="30"/>';
    const [angle, cx, cy] = [Math.PI / 6, 25, 25];
    const corners = [
      [10, 20],
      [40, 20],
      [40, 30],
      [10, 30],
    ].map(([x, y]) => [
      cx + (x! - cx) * Math.cos(angle) - (y! - cy) * Math.sin(angle),
      cy + (x! - cx) * Math.sin(angle) + (y! - cy) * Math.cos(angle),
    ]);
    const [xs, ys] = [corners.map(([x]) => x!), corners.map(([, y]) => y!)];
    const expected = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    const { box } = parseCvat(file(image(shape)), 'f.xml').images[0]!.objects[0]!;
    box.forEach((edge, i) => expect(edge).toBeCloseTo(expected[i]!, 9));
  });

  test.each([
    ['<polyline label="cat" points="1,1;2,2"/>', "polyline 1 ('cat') of image 'a.jpg' has no box"],
    ['<points label="cat" points="1,1"/>', "points 1 ('cat') of image 'a.jpg' has no box"],
    [
      '<box label="cat" xtl="wide" ytl="1" xbr="2" ybr="3"/>',
      "box 1 ('cat') of image 'a.jpg' has no numbers for its place",
    ],
    [
      '<polygon label="cat" points="1,1;2"/>',
      "polygon 1 ('cat') of image 'a.jpg' has no numbers for its place",
    ],
    ['<box xtl="1" ytl="1" xbr="2" ybr="3"/>', "box 1 of image 'a.jpg' has no label"],
  ])('%s costs itself only', (shape, message) => {
    const good = '<ellipse label="cat" cx="20" cy="25" rx="8" ry="3"/>';
    const { images, problems } = parseCvat(file(image(shape + good)), 'f.xml');
    expect(images[0]!.objects).toHaveLength(1);
    expect(problems.map((problem) => [problem.kind, problem.message])).toEqual([
      ['object', `f.xml: ${message}, object skipped; correct or delete that shape`],
    ]);
  });

  test("classes are the task's labels in their order, without a skeleton's parts", () => {
    const labels = ['dog', 'cat &amp; co', 'bird']
      .map((name) => `<label><name>${name}</name></label>`)
      .join('');
    const part = '<label><name>knee</name><parent>dog</parent></label>';
    const meta = `<meta><task><labels>${labels}${part}</labels></task></meta>`;
    const shape = '<box label="bird" xtl="1" ytl="1" xbr="9" ybr="9"/>';
    expect(parseCvat(file(image(shape), meta), 'f.xml').classes).toEqual(['dog', 'cat & co', 'bird']);
    expect(parseCvat(file(image(shape)), 'f.xml').classes).toEqual(['bird']);
  });

  test.each([
    ['<annotations><image', /^f\.xml: the file is not XML \(line 1: .*\); export 'CVAT for images 1\.1'/],
    ['<svg/>', /^f\.xml: the file has no <annotations>/],
  ])('%s', (xml, message) => {
    expect(() => parseCvat(xml, 'f.xml')).toThrow(message);
  });
});

test('subsets are splits, names are paths, the same name in two subsets is two pictures', async () => {
  const box = (left: number): string => `<box label="cat" xtl="${left}" ytl="1" xbr="30" ybr="20"/>`;
  const root = await writeFiles(temporaryFolder(), {
    'annotations.xml': file(
      image(box(1), 'cam/a.jpg', 'subset="Train"') +
        image(box(2), 'cam/a.jpg', 'subset="Validation"') +
        image(box(3), 'cam/gone.jpg', 'subset="Train"'),
    ),
    'images/Train/cam/a.jpg': [64, 48],
    'images/Validation/cam/a.jpg': [64, 48],
  });
  const val = await openDataset(root, { split: 'val' });
  expect([val.format, val.length, [...val.truth(0).boxes]]).toEqual(['cvat', 1, [2, 1, 30, 20]]);
  expect(val.imageFile(0)).toMatch(/Validation.cam.a\.jpg$/);
  const all = await openDataset(root);
  expect([all.length, all.id(0), all.id(1)]).toEqual([2, 'cam/a', 'cam/a#2']);
  expect(all.problems[0]!.message).toMatch(
    /annotations\.xml: the picture of image 'cam\/gone\.jpg' is missing .*; export with 'Save images'/,
  );
  expect((await rejection(openDataset(root, { split: 'test' }))).message).toMatch(
    /no split 'test'; choose one of Train, Validation/,
  );
});

test('other XML beside it is no problem, but is one where it is named as the annotations', async () => {
  const root = await writeFiles(temporaryFolder(), {
    'task.xml': file(image('<box label="cat" xtl="1" ytl="2" xbr="30" ybr="20"/>')),
    'a.jpg': [64, 48],
    'drawing.xml': '<svg/>',
  });
  const dataset = await openDataset(root, { format: 'cvat' });
  expect([dataset.length, dataset.problems]).toEqual([1, []]);
  const named = openDataset(root, { format: 'cvat', annotations: 'drawing.xml' });
  expect((await rejection(named)).message).toMatch(/drawing\.xml: the file has no <annotations>/);
  const gone = openDataset(root, { annotations: 'gone' });
  expect((await rejection(gone)).message).toMatch(/gone: there is no such folder, given as `annotations`/);
});
