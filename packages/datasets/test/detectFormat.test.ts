import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataset } from '../src/node';
import { rejection, temporaryFolder, writeFiles } from './fixtures';
import { found, messages, open, row, size, xml, type Files } from './layoutSupport';

describe('the format shows from the content', () => {
  test('two formats in one folder: one is taken, the other named', async () => {
    const files = { 'a.xml': xml(1), 'a.txt': row(2), 'classes.txt': 'cat', 'a.jpg': size } as const;
    const dataset = await open(files as unknown as Files);
    expect([dataset.format, found(dataset)]).toEqual(['voc', { a: 1 }]);
    expect(messages(dataset)[0]).toMatch(
      /taken as voc \(1 VOC \.xml\), but there is more: YOLO label \.txt; give `format`/,
    );
    expect(found(await open(files as unknown as Files, { format: 'yolo' }))).toEqual({ a: 2 });
  });

  test.each([
    [
      '[{"id": 1, "data": {"image": "a.jpg"}, "annotations": []}]',
      /Label Studio JSON, which is not read; export 'COCO', 'Pascal VOC XML' or 'YOLO'/,
    ],
    ['{"_via_img_metadata": {}}', /VGG Image Annotator \(VIA\) JSON/],
    ['{"a.jpg123": {"filename": "a.jpg", "size": 123, "regions": []}}', /VGG Image Annotator \(VIA\) JSON/],
    ['{"info": {}, "categories": {}, "items": []}', /Datumaro JSON.*datum convert/],
    ['{"description": "", "tags": [], "size": {"height": 1}, "objects": []}', /Supervisely JSON/],
    ['[{"image": "a.jpg", "annotations": []}]', /CreateML JSON/],
    ['{"asset": {}, "regions": [], "version": "2"}', /VoTT JSON/],
    ['{"item": {}, "annotations": [], "version": "2.0"}', /V7 Darwin JSON/],
    ['[{"name": "a.jpg", "labels": []}]', /BDD100K/],
    ['[{"image_id": 1, "category_id": 1, "bbox": []}]', /COCO results/],
  ])('%s is named with what to export', async (json, message) => {
    const root = await writeFiles(temporaryFolder(), { 'export.json': json, 'a.jpg': size });
    for (const path of [root, join(root, 'export.json')]) {
      const error = await rejection(openDataset(path));
      expect(error.message).toMatch(message);
      expect(error.message).toContain('export.json: the file is ');
    }
  });

  test('a table of boxes, CVAT for video, polygons only', async () => {
    expect((await rejection(open({ 'a.csv': 'file,x,y', 'a.jpg': size }))).message).toMatch(
      /there is a\.csv\); unpack or convert/,
    );
    const video = '<annotations><track id="0" label="cat"><box frame="0" xtl="1"/></track></annotations>';
    expect((await rejection(open({ 'a.xml': video, 'a.jpg': size }))).message).toMatch(
      /a\.xml: the file is of a 'CVAT for video' export \(<track>\); export 'CVAT for images 1\.1'/,
    );
    const polygon =
      '<annotation><object><name>cat</name><polygon><pt><x>1</x><y>1</y></pt></polygon></object></annotation>';
    const polygons = await open({ 'a.xml': polygon, 'a.jpg': size }).catch((error: Error) => error);
    expect(polygons).toBeInstanceOf(Error);
    expect((polygons as Error).message).toMatch(
      /hold polygons and no boxes.*a\.xml: object 1 \('cat'\) has a <polygon> and no <bndbox>.*export upright boxes/,
    );
  });
});
