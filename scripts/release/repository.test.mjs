import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withRepository } from './repository.mjs';

test.each([...withRepository()])(
  "%s names the root's repository (npm run release:repository)",
  (file, text) => {
    expect(readFileSync(join(import.meta.dirname, '../..', file), 'utf8')).toBe(text);
  },
);
