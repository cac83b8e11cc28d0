import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SampleError } from '../src';
import { parseVoc } from '../src/io/voc/parseVoc';
import { vocXml } from './fixtures';

describe('parseVoc', () => {
  test('1-based inclusive corners become continuous edges', () => {
    const xml = vocXml([{ name: 'cat', box: [1, 2, 10, 20], difficult: 1 }]);
    expect(parseVoc(xml, 'a.xml')).toEqual({
      filename: 'x.jpg',
      size: { width: 64, height: 48 },
      objects: [{ name: 'cat', box: [0, 1, 10, 20], written: '[1, 2, 10, 20]', difficult: true }],
      problems: [],
    });
  });

  test('a namespace with a prefix changes no name', () => {
    const xml = vocXml([{ name: 'cat', box: [1, 2, 10, 20] }]);
    const prefixed = xml
      .replace(/<(\/?)(\w)/g, '<$1v:$2')
      .replace('<v:annotation', '<v:annotation xmlns:v="urn:voc"');
    expect(prefixed).toContain('<v:bndbox>');
    expect(parseVoc(prefixed, 'a.xml')).toEqual(parseVoc(xml, 'a.xml'));
  });

  test('parts of an object, attributes, comments and declarations are passed over', () => {
    const part = '<part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>';
    const xml = vocXml([{ name: 'person', box: [2, 2, 9, 9] }])
      .replace('</object>', `${part}</object>`)
      .replace('<annotation>', '<?xml version="1.0"?><!-- <object> --><annotation verified="yes">');
    expect(parseVoc(xml, 'a.xml').objects.map(({ name }) => name)).toEqual(['person']);
  });

  test.each(['007', '1e5', 'constructor', '__proto__', 'a &amp; b', 'd&#233;j&#xe0; vu', 'toString'])(
    'the class %s stays as written',
    (name) => {
      const plain = name.replace('&amp;', '&').replace('&#233;', 'é').replace('&#xe0;', 'à');
      expect(parseVoc(vocXml([{ name, box: [1, 1, 5, 5] }]), 'a.xml').objects[0]!.name).toBe(plain);
    },
  );

  test('any box and any name come through', () => {
    const corner = fc.integer({ min: -5, max: 5000 });
    const object = fc.record({
      name: fc.stringMatching(/^[A-Za-zäß漢0-9][\w äß漢.-]{0,12}[\wäß漢]$/),
      box: fc.tuple(corner, corner, fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 400 })),
    });
    fc.assert(
      fc.property(fc.array(object, { maxLength: 8 }), (objects) => {
        const written = objects.map(({ name, box: [x, y, w, h] }) => ({
          name,
          box: [x, y, x + w, y + h] as [number, number, number, number],
        }));
        const parsed = parseVoc(vocXml(written), 'a.xml').objects;
        expect(parsed.map(({ name }) => name)).toEqual(written.map(({ name }) => name));
        expect(parsed.map(({ box }) => box)).toEqual(
          written.map(({ box: [xmin, ymin, xmax, ymax] }) => [xmin - 1, ymin - 1, xmax, ymax]),
        );
      }),
    );
  });

  test('whatever the text, the answer is an annotation or an error that names the file', () => {
    const good = vocXml([{ name: 'cat', box: [1, 2, 10, 20] }]);
    const damaged = fc
      .tuple(fc.nat(good.length), fc.nat(30), fc.string())
      .map(([at, length, text]) => good.slice(0, at) + text + good.slice(at + length));
    fc.assert(
      fc.property(fc.oneof(fc.string(), damaged), (xml) => {
        try {
          for (const { name, box } of parseVoc(xml, 'some/file.xml').objects) {
            expect(name).not.toBe('');
            expect(box.every(Number.isFinite)).toBe(true);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(SampleError);
          expect((error as SampleError).message).toMatch(
            /^some\/file\.xml: the annotation .*; repair the file/s,
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});
