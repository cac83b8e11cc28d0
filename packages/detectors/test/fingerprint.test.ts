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
