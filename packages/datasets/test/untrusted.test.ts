import { expect, test } from 'vitest';
import { parseVoc } from '../src/io/voc/parseVoc';

/** "Billion laughs": ten entities, each ten times the one before. */
function bomb(): string {
  const entities = Array.from({ length: 10 }, (_, i) => `<!ENTITY a${i} "${`&a${i - 1};`.repeat(10)}">`);
  entities[0] = '<!ENTITY a0 "aaaaaaaaaa">';
  const object =
    '<object><name>&a9;</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>8</ymax></bndbox></object>';
  const size = '<size><width>50</width><height>40</height></size>';
  return `<!DOCTYPE annotation [${entities.join('')}]><annotation><filename>x.jpg</filename>${size}${object}</annotation>`;
}

test('entities that grow tenfold ten times take no memory', () => {
  const annotation = JSON.stringify(parseVoc(bomb(), 'bomb.xml'));
  expect(annotation.length).toBeLessThan(10_000);
});
