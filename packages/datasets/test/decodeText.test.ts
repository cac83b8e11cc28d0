import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SampleError } from '../src';
import { decodeText, splitLines } from '../src/io/decodeText';
import { encode, utf16, utf32 } from './encode';

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
