import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SampleError } from '../src';
import { parseCvat } from '../src/io/cvat/parseCvat';
import { parseVoc } from '../src/io/voc/parseVoc';
import {
  encoded,
  escaped,
  expectNothingLost,
  hostileTag,
  open,
  pictures,
  run,
  samples,
  type FuzzSample,
} from './fuzzSupport';

function voc(one: FuzzSample): string {
  const objects = one.objects.map(({ name, box }) => {
    const corners = ['xmin', 'ymin', 'xmax', 'ymax'].map((tag, i) => `<${tag}>${box[i]}</${tag}>`).join('');
    return `<object><name>${escaped(name)}</name><bndbox>${corners}</bndbox></object>`;
  });
  return `<annotation><filename>${escaped(one.path)}.jpg</filename><size><width>20</width><height>12</height></size>${objects.join('')}</annotation>`;
}

/** What is parsed, or the error that must name the file. */
function parsedOr<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    expect(error).toBeInstanceOf(SampleError);
    expect((error as SampleError).file).toBe('f.xml');
    return undefined;
  }
}

describe('XML: no crash, no hang, no silent loss', () => {
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

  test('VOC and CVAT: hostile tags anywhere', () => {
    fc.assert(
      fc.property(samples, hostileTag, fc.nat(400), ([one], tag, at) => {
        const xml = voc(one!);
        // Behind a tag, where another may stand.
        const place = xml.indexOf('>', at % xml.length) + 1;
        const parsed = parsedOr(() => parseVoc(xml.slice(0, place) + tag + xml.slice(place), 'f.xml'));
        if (parsed) expect(parsed.objects.length + parsed.problems.length).toBe(one!.objects.length);
        const image = `<image name="a.jpg" width="2" height="2">${tag}<box label="a" xtl="0" ytl="0" xbr="1" ybr="1"/></image>`;
        const file = parsedOr(() => parseCvat(`<annotations>${image}</annotations>`, 'f.xml'));
        if (file) expect(file.images.map(({ objects }) => objects.length)).toEqual([1]);
      }),
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
});
