import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import './readers';
import { describe, expect, test } from 'vitest';
import { readStateDict as readInBrowser, writeSafetensors } from '../src';
import { readStateDict } from '../src/node';

describe('sources', () => {
  const file = writeSafetensors(new Map([['w', { dtype: 'float32', shape: [1], data: Float32Array.of(2) }]]));
  const folder = mkdtempSync(join(tmpdir(), 'roikit-sources-'));
  const path = join(folder, 'a b.safetensors');
  writeFileSync(path, file);

  test('paths, file: addresses as text and as URL, buffers, files', async () => {
    const blob = new File([file.slice()], 'mine.bin');
    const buffer = file.slice().buffer;
    for (const source of [path, pathToFileURL(path), pathToFileURL(path).href, blob, buffer])
      expect((await readStateDict(source)).get('w')?.data).toEqual(Float32Array.of(2));
  });

  test('messages name the file', async () => {
    const bad = Uint8Array.of(1, 2, 3);
    await expect(readStateDict(new File([bad], 'mine.bin'))).rejects.toThrow(
      /readStateDict: cannot read mine\.bin: it/,
    );
    await expect(readStateDict(new Blob([bad]))).rejects.toThrow(/cannot read blob: it/);
    writeFileSync(join(folder, 'bad'), bad);
    await expect(readStateDict(join(folder, 'bad'))).rejects.toThrow(/cannot read .*bad: it begins/);
    await expect(readInBrowser(bad.buffer)).rejects.toThrow(/cannot read bytes: it/);
  });

  test('a limit that is no number is refused, where it would be none', async () => {
    const maxBytes = NaN;
    for (const source of [path, file])
      await expect(readStateDict(source, { maxBytes })).rejects.toThrow(
        'readStateDict: maxBytes must be a number ≥ 0, got NaN',
      );
  });

  test('the limit is the largest size that is taken: 2 GiB unless given', async () => {
    await expect(readStateDict(file, { maxBytes: file.length })).resolves.toBeDefined();
    await expect(readStateDict(path, { maxBytes: file.length - 1 })).rejects.toThrow(/over the limit of/);
    class Large extends Blob {
      override get size() {
        return 2 ** 31 + 1;
      }
    }
    await expect(readInBrowser(new Large([file.slice()]))).rejects.toThrow(
      /blob: 2147483649 bytes or more, over the limit of 2147483648; raise maxBytes/,
    );
  });

  test('anything else is an error that says what to give', async () => {
    await expect(readInBrowser(7 as never)).rejects.toThrow(
      /must be a URL, a Blob, an ArrayBuffer or a Uint8Array, got 7/,
    );
  });
});

describe('paths', () => {
  test('a missing file is named with the cure', async () => {
    await expect(readStateDict('no-such-file.safetensors')).rejects.toThrow(
      /cannot open no-such-file.*check the path/,
    );
  });
});
