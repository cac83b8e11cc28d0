import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SampleError } from '../src';
import { decodeText, splitLines } from '../src/io/decodeText';
import { openDataset } from '../src/node';
import { rejection, temporaryFolder, vocXml, writeFiles } from './fixtures';

const tables = new Map<string, Map<string, number[]>>();

/** Text in an encoding that Node only decodes: its table is the decoder's, turned round. */
function encode(text: string, label: string): Uint8Array {
  let table = tables.get(label);
  if (!table) {
    table = new Map();
    const decoder = new TextDecoder(label, { fatal: true });
    for (let a = 0; a < 256; a++) {
      for (let b = -1; b < 256; b++) {
        const bytes = b < 0 ? [a] : [a, b];
        try {
          const char = decoder.decode(Uint8Array.from(bytes));
          if ([...char].length === 1 && !table.has(char)) table.set(char, bytes);
        } catch {
          // Not a character.
        }
      }
    }
    tables.set(label, table);
  }
  return Uint8Array.from([...text].flatMap((char) => table.get(char)!));
}

function utf16(text: string, { big = false, mark = true } = {}): Uint8Array {
  const bytes = Buffer.from((mark ? '\uFEFF' : '') + text, 'utf16le');
  return big ? bytes.swap16() : bytes;
}

function utf32(text: string, { big = false } = {}): Uint8Array {
  const points = ['\uFEFF', ...text].map((char) => char.codePointAt(0)!);
  const bytes = Buffer.alloc(points.length * 4);
  points.forEach((point, i) => (big ? bytes.writeUInt32BE(point, 4 * i) : bytes.writeUInt32LE(point, 4 * i)));
  return bytes;
}

describe('decodeText', () => {
  const text = '{"name": "grün 人 🦘"}';

  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16 LE', utf16(text)],
    ['UTF-16 BE', utf16(text, { big: true })],
    ['UTF-16 LE without a mark', utf16(text, { mark: false })],
    ['UTF-16 BE without a mark', utf16(text, { big: true, mark: false })],
    ['UTF-32 LE', utf32(text)],
    ['UTF-32 BE', utf32(text, { big: true })],
  ])('%s', (_name, bytes) => {
    expect(decodeText(bytes, 'f')).toBe(text);
  });

  test.each([
    ['GBK', 'gbk', '人车'],
    ['gb2312', 'gbk', '人车'],
    ['cp936', 'gbk', '人车'],
    ['GB18030', 'gb18030', '人车'],
    ['Big5', 'big5', '人車'],
    ['Shift_JIS', 'shift_jis', '犬ネコ'],
    ['EUC-JP', 'euc-jp', '犬猫'],
    ['EUC-KR', 'euc-kr', '한글'],
    ['cp949', 'euc-kr', '한글'],
    ['ISO-8859-1', 'iso-8859-1', 'grün'],
    ['latin-1', 'iso-8859-1', 'grün'],
    ['ISO-8859-2', 'iso-8859-2', 'źdźbło'],
    ['windows-1250', 'windows-1250', 'źdźbło'],
    ['windows-1251', 'windows-1251', 'кот'],
    ['KOI8-R', 'koi8-r', 'кот'],
    ['windows-1254', 'windows-1254', 'ağaç'],
  ])('an XML declaration of %s is obeyed', (declared, label, text) => {
    const xml = `<?xml version='1.0' encoding="${declared}"?><a>${text}</a>`;
    expect(decodeText(encode(xml, label), 'f')).toBe(xml);
  });

  test.each(['windows-1252', 'iso-8859-1'])('%s has letters where Latin-1 has controls', (name) => {
    const xml = `<?xml version="1.0" encoding="${name}"?><a>\x9cuf \x80 \xfc</a>`;
    expect(decodeText(Buffer.from(xml, 'latin1'), 'f')).toContain('<a>œuf € ü</a>');
  });

  test('a declaration of UTF-16 in a file of single bytes is not believed; a mark outdoes a declaration', () => {
    const xml = '<?xml version="1.0" encoding="utf-16"?><a>grün</a>';
    expect(decodeText(Buffer.from(xml), 'f')).toBe(xml);
    const other = '<?xml version="1.0" encoding="GBK"?><a>grün</a>';
    expect(decodeText(Buffer.from(`\uFEFF${other}`), 'f')).toBe(other);
  });

  test.each([
    [
      'GBK, undeclared',
      encode('<a>人车</a>', 'gbk'),
      'the text is not UTF-8; save it as UTF-8 (it may be GBK',
    ],
    [
      'half a UTF-16 character',
      utf16('ab').subarray(0, 5),
      'the text is not UTF-16LE, which its first bytes say; save',
    ],
    [
      'half a UTF-32 character',
      utf32('ab').subarray(0, 10),
      'the text is not UTF-32LE, which its first bytes say',
    ],
    [
      'Latin-1 that says UTF-8',
      encode('<?xml version="1.0" encoding="utf-8"?><a>grün</a>', 'iso-8859-1'),
      'the text is not UTF-8, which it declares; save it as UTF-8',
    ],
    [
      'an unknown name',
      Buffer.from('<?xml version="1.0" encoding="klingon"?><a/>'),
      "the declared encoding 'KLINGON' is not known; save",
    ],
    [
      'zeros, as after a crash',
      new Uint8Array(40),
      'the text holds zero bytes, as after a crash or a full disk',
    ],
  ])('%s is an error that names the file', (_name, bytes, message) => {
    expect(() => decodeText(bytes, 'dir/f.xml')).toThrow(`dir/f.xml: ${message}`);
  });

  test('whatever the bytes, the answer is a text without U+FFFD of its own, or an error that names the file', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom('', 'GBK', 'utf-16', 'x'),
        (tail, name) => {
          const head = name === '' ? '' : `<?xml version="1.0" encoding="${name}"?>`;
          try {
            decodeText(Buffer.concat([Buffer.from(head), tail]), 'some/f');
          } catch (error) {
            expect(error).toBeInstanceOf(SampleError);
            expect((error as SampleError).message).toMatch(/^some\/f: .*; /);
          }
        },
      ),
    );
  });

  test('lines end with LF, CRLF or CR', () => {
    expect(splitLines('a\nb\r\nc\rd')).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('in data sets', () => {
  const box = [11, 11, 40, 30] as const;
  const label = '0 .5 .5 .5 .5\r\n1 .5 .5 .2 .2';
  const coco = (name: string): string =>
    JSON.stringify({
      images: [{ id: 1, file_name: 'a.jpg', width: 64, height: 48 }],
      annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [10, 10, 30, 20] }],
      categories: [{ id: 1, name }],
    });

  test.each(['utf-16', 'utf-8 with a mark'])(
    'class lists, labels, data.yaml, split lists, JSON in %s',
    async (as) => {
      const write = (text: string): Uint8Array =>
        as === 'utf-16' ? utf16(text) : Buffer.from(`\uFEFF${text}`);
      const folder = await writeFiles(temporaryFolder(), {
        'lists/classes.txt': write('人\n车\n'),
        'lists/a.jpg': [64, 48],
        'lists/a.txt': write(label),
        'yaml/data.yaml': write('train: images\nnames: [人, 车]\n'),
        'yaml/images/a.jpg': [64, 48],
        'yaml/labels/a.txt': write(label),
        'voc/Annotations/a.xml': write(
          vocXml([
            { name: '人', box },
            { name: '车', box },
          ]),
        ),
        'voc/JPEGImages/a.jpg': [64, 48],
        'voc/ImageSets/Main/train.txt': write('a\n'),
        'coco/a.json': write(coco('人')),
        'coco/a.jpg': [64, 48],
        'labelme/a.json': write(
          JSON.stringify({
            shapes: [
              {
                label: '人',
                points: [
                  [1, 1],
                  [9, 9],
                ],
                shape_type: 'rectangle',
              },
            ],
            imagePath: 'a.jpg',
          }),
        ),
        'labelme/a.jpg': [64, 48],
        'cvat/annotations.xml': write(
          '<annotations><image id="0" name="a.jpg" width="64" height="48"><box label="人" xtl="1" ytl="1" xbr="9" ybr="9"/></image></annotations>',
        ),
        'cvat/a.jpg': [64, 48],
      });
      for (const [name, split] of [['lists'], ['yaml', 'train'], ['voc', 'train']] as const) {
        const dataset = await openDataset(`${folder}/${name}`, { split });
        expect([name, dataset.classes, [...dataset.truth(0).labels]]).toEqual([name, ['人', '车'], [1, 2]]);
        expect(dataset.problems).toEqual([]);
      }
      for (const name of ['coco', 'labelme', 'cvat']) {
        const dataset = await openDataset(`${folder}/${name}`);
        expect([name, dataset.format, dataset.classes, dataset.problems]).toEqual([name, name, ['人'], []]);
      }
    },
  );

  test('GBK without a word is an error of the file, in every place; nothing becomes one class', async () => {
    const gbk = (text: string): Uint8Array => encode(text, 'gbk');
    const folder = await writeFiles(temporaryFolder(), {
      'lists/classes.txt': gbk('人\n车\n'),
      'lists/a.jpg': [64, 48],
      'lists/a.txt': label,
      'yaml/data.yaml': gbk('train: images\nnames: [人, 车]\n'),
      'yaml/images/a.jpg': [64, 48],
      'yaml/labels/a.txt': label,
      'coco/a.json': gbk(coco('人')),
      'coco/a.jpg': [64, 48],
      'labelme/a.json': gbk(
        JSON.stringify({
          shapes: [
            {
              label: '人',
              points: [
                [1, 1],
                [9, 9],
              ],
            },
          ],
          imagePath: 'a.jpg',
        }),
      ),
      'labelme/a.jpg': [64, 48],
      'cvat/annotations.xml': gbk(
        '<annotations><image name="a.jpg"><box label="人" xtl="1" ytl="1" xbr="9" ybr="9"/></image></annotations>',
      ),
      'cvat/a.jpg': [64, 48],
      'voc/a.xml': gbk(vocXml([{ name: '人', box }])),
      'voc/a.jpg': [64, 48],
    });
    for (const [name, file] of [
      ['lists', 'classes.txt'],
      ['yaml', 'data.yaml'],
      ['coco', 'a.json'],
      ['labelme', 'a.json'],
      ['cvat', 'annotations.xml'],
      ['voc', 'a.xml'],
    ] as const) {
      const { message } = await rejection(openDataset(`${folder}/${name}`));
      expect(message).toContain(`${folder}/${name}/${file}: the text is not UTF-8; save it as UTF-8`);
    }
  });

  test('a label file of another encoding costs its sample only', async () => {
    const folder = await writeFiles(temporaryFolder(), {
      'classes.txt': 'cat\ndog',
      'a.jpg': [64, 48],
      'a.txt': label,
      'b.jpg': [64, 48],
      'b.txt': encode('0 .5 .5 .5 .5\n# 人', 'gbk'),
    });
    const dataset = await openDataset(folder);
    expect([dataset.length, dataset.id(0)]).toEqual([1, 'a']);
    expect(dataset.problems[0]!.message).toContain('b.txt: the text is not UTF-8');
  });

  test('names that only happen to be UTF-8 are suspected where other files are not', async () => {
    // 猫 in GBK is è in UTF-8.
    const folder = await writeFiles(temporaryFolder(), {
      'a.xml': encode(vocXml([{ name: '猫', box }]), 'gbk'),
      'a.jpg': [64, 48],
      'b.xml': encode(vocXml([{ name: '狗', box }]), 'gbk'),
      'b.jpg': [64, 48],
    });
    const { classes, problems } = await openDataset(folder);
    expect(classes).toEqual(['è']);
    expect(problems.map(({ kind }) => kind)).toEqual(['sample', 'note', 'note']);
    expect(problems[1]!.message).toMatch(
      /a\.xml: the name 'è' may be text of another encoding, as that of .*b\.xml is; save/,
    );
  });
});
