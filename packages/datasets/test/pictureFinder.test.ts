import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isGenericFolder, pairKey } from '../src/io/folder/pairing';
import { idOfName, PictureFinder } from '../src/io/folder/pictureFinder';

describe('PictureFinder', () => {
  const pictures = [
    'images/train/a.jpg',
    'images/val/a.jpg',
    'images/train/my cat.JPG',
    'images/cam1/1.png',
    'images/cam2/1.png',
    'images/frame.12.jpg',
    'images/x.jpg',
    'images/x.png',
    'top.jpg',
    'images/100%25.jpg',
  ];
  const finder = new PictureFinder(pictures);

  test.each([
    ['images/train/a.jpg', 'images/train/a.jpg'],
    ['train/a.jpg', 'images/train/a.jpg'],
    ['./train/a.jpg', 'images/train/a.jpg'],
    ['train\\a.jpg', 'images/train/a.jpg'],
    ['C:\\data\\set\\images\\train\\a.jpg', 'images/train/a.jpg'],
    ['/home/me/set/images/val/a.jpg', 'images/val/a.jpg'],
    ['../images/val/a.jpg', 'images/val/a.jpg'],
    ['"train/my cat.jpg"', 'images/train/my cat.JPG'],
    ['my cat.jpg  ', 'images/train/my cat.JPG'],
    ['my%20cat.jpg', 'images/train/my cat.JPG'],
    ['http://host/coco/val/a.jpg?size=1', 'images/val/a.jpg'],
    ['file:///home/me/cam2/1.png', 'images/cam2/1.png'],
    ['cam1/1', 'images/cam1/1.png'],
    ['cam1/1.bmp', 'images/cam1/1.png'],
    ['frame.12', 'images/frame.12.jpg'],
    ['x.png', 'images/x.png'],
    ['X.PNG', 'images/x.png'],
    ['/elsewhere/top.jpg', 'top.jpg'],
    ['/elsewhere/x.jpg', 'images/x.jpg'],
    ['100%25.jpg', 'images/100%25.jpg'],
  ])('%s is %s', (written, picture) => {
    expect(finder.find(written)).toEqual({ picture });
  });

  test.each([
    ['a.jpg', "'a.jpg' may be images/train/a.jpg or images/val/a.jpg"],
    ['x', "'x' may be images/x.jpg or images/x.png"],
    ['1.png', "'1.png' may be images/cam1/1.png or images/cam2/1.png"],
    ['cam3/1.png', "there is no picture 'cam3/1.png'"],
    ['/data/train/1.png', "there is no picture '/data/train/1.png'"],
    ['/data/train/x.jpg', "there is no picture '/data/train/x.jpg'"],
    ['12.jpg', "there is no picture '12.jpg'"],
    ['', "there is no picture ''"],
    ['..', "there is no picture '..'"],
  ])('%j is no guess: %s', (written, fault) => {
    expect(finder.find(written)).toEqual({ fault });
  });

  test('the folder it is near to decides', () => {
    expect(finder.find('a.jpg', { near: ['images/val', ''] })).toEqual({ picture: 'images/val/a.jpg' });
    expect(finder.find('A.jpg', { near: ['images/train'] })).toEqual({ picture: 'images/train/a.jpg' });
    const both = new PictureFinder(['cam/a.jpg', 'a.jpg']);
    expect(both.find('A.JPG')).toEqual({ picture: 'a.jpg' });
    expect(both.find('A.JPG', { near: ['cam', ''] })).toEqual({ picture: 'cam/a.jpg' });
    // Of another machine's folders nothing tells cam1 from cam2, but where the name is from.
    expect(finder.find('/elsewhere/run/1.png', { near: ['images/cam2'] })).toEqual({
      picture: 'images/cam2/1.png',
    });
  });

  test('of hostile names each finds itself, and nothing finds a picture of another name', () => {
    const part = fc
      .stringMatching(/^[A-Za-z0-9 ._%#&+'()äß漢한-]{1,8}$/)
      .filter((name) => !/^\.+$|^ | $/.test(name));
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join('/')}.jpg`);
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 8 }), path, (paths, other) => {
        const own = new PictureFinder(paths);
        for (const one of paths) expect(own.find(one)).toEqual({ picture: one });
        const found = own.find(other);
        if (!('picture' in found)) return;
        // Below '.)#a/b.jpg' read as an address lies '.)', a name without an ending, or with the ending '.)'.
        const base = (name: string): string => name.replace(/.*\//, '').toLowerCase();
        const stem = (name: string): string => base(name).replace(/\.[^.]*$/, '');
        const readings = [other, other.replace(/[?#].*$/, '')].flatMap((name) => [name, decoded(name)]);
        const meant = readings.flatMap((name) => [stem(name), base(name)]);
        expect(meant).toContain(stem(found.picture));
      }),
    );
  });
});

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

test('pairKey drops the folders that tell the kind, and only those', () => {
  expect(pairKey('train/Annotations/cam1/a.b.xml')).toBe('train/cam1/a.b');
  expect(pairKey('train/images/cam1/a.b.jpg')).toBe('train/cam1/a.b');
  expect(pairKey('images.jpg')).toBe('images');
  expect(['JPEGImages', 'imgs', 'ANNOTS', 'labels'].every(isGenericFolder)).toBe(true);
  expect(['train', 'data', 'cam1', 'image1'].some(isGenericFolder)).toBe(false);
});

test.each([
  ['train/a.jpg', 'train/a'],
  ['.\\train\\a.jpg', 'train/a'],
  ['/home/me/a.jpg', 'x/p'],
  ['C:\\a.jpg', 'x/p'],
  ['http://host/a.jpg', 'x/p'],
  ['a%20b.jpg', 'x/p'],
  ['../a.jpg', 'x/p'],
])('the id of %s is %s', (written, id) => {
  expect(idOfName(written, 'x/images/p.jpg')).toBe(id);
});
