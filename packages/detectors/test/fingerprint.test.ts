import { expect, test } from 'vitest';
import { dataFingerprint, Fingerprint } from '../src/fingerprint';

// Test vectors of FNV-1a, 32 bits (Landon Curt Noll's fnv-1a test suite): the second half, whose seed is the published one.
test.each([
  ['', '811c9dc5'],
  ['a', 'e40c292c'],
  ['b', 'e70c2de5'],
  ['foobar', 'bf9cf968'],
])('of %j', (text, published) => {
  const hash = new Fingerprint();
  hash.add(text);
  expect(hash.toString()).toMatch(new RegExp(`^[0-9a-f]{8}${published}$`));
});

test('texts added one after another are one text', () => {
  const [parts, whole] = [new Fingerprint(), new Fingerprint()];
  for (const part of ['fo', '', 'obar']) parts.add(part);
  whole.add('foobar');
  expect(parts.toString()).toBe(whole.toString());
});

test('of data: all that is annotated counts, and the order', () => {
  const truth = { boxes: Float32Array.of(1, 2, 30, 40), labels: Int32Array.of(1) };
  const one = { id: 'a', truth };
  const other = { id: 'b', truth };
  const all = [
    dataFingerprint(['cat', 'dog'], [one, other]),
    dataFingerprint(['dog', 'cat'], [one, other]),
    dataFingerprint(['cat', 'dog'], [other, one]),
    dataFingerprint(['cat', 'dog'], [one]),
    ...[
      { labels: Int32Array.of(2) },
      { boxes: Float32Array.of(1, 2, 30, 41) },
      { difficult: Uint8Array.of(1) },
      { crowd: Uint8Array.of(1) },
    ].map((change) => dataFingerprint(['cat', 'dog'], [{ id: 'a', truth: { ...truth, ...change } }, other])),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(dataFingerprint(['cat', 'dog'], new Set([structuredClone(one), other]))).toBe(all[0]);
});

test('of data: that of what is annotated as text, line by line', () => {
  const boxes = Float32Array.of(1, 2, 30, 40.5, 5, 6, 7, 8);
  const labels = Int32Array.of(1, 2);
  const samples = [
    { id: 'a', truth: { boxes, labels, difficult: Uint8Array.of(0, 1), crowd: Uint8Array.of(1, 0) } },
    { id: 'b', truth: { boxes: boxes.subarray(0, 4), labels: labels.subarray(0, 1) } },
  ];
  const text = 'cat\ndog\na 1,2 1,2,30,40.5,5,6,7,8 0,1 1,0\nb 1 1,2,30,40.5  ';
  // FNV-1a in exact integers.
  let hash = 0x811c9dc5n;
  for (const letter of text) hash = ((hash ^ BigInt(letter.charCodeAt(0))) * 0x01000193n) % 2n ** 32n;
  expect(dataFingerprint(['cat', 'dog'], samples).slice(8)).toBe(hash.toString(16).padStart(8, '0'));
});
