import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { insert, section } from './changelog.mjs';

const plan = (...summaries) => ({
  changesets: summaries.map((summary, i) => ({ id: `change-${i}`, summary })),
  releases: [
    { name: 'roikit', newVersion: '0.2.0' },
    { name: '@roikit/geometry', newVersion: '0.2.0' },
    { name: '@roikit/demo', newVersion: '0.1.0', type: 'none' },
  ],
});

describe('the section of a version', () => {
  test('has the entries of all changesets, by kind, in the order of Keep a Changelog', () => {
    expect(section(plan('Fixed: one.\nAdded: two,\nwhich goes on.', 'Added: three.'), '2026-11-26')).toBe(
      '## 0.2.0 - 2026-11-26\n\n### Added\n\n- two,\n  which goes on.\n- three.\n\n### Fixed\n\n- one.\n',
    );
  });

  test('refuses an entry without a kind, naming its file', () => {
    expect(() => section(plan('Added: one.', 'Something: else.'), '')).toThrow(/\.changeset\/change-1\.md/);
    expect(() => section(plan('no kind'), '')).toThrow(/Added, Changed/);
  });

  test('refuses versions that are not one', () => {
    const releases = [{ newVersion: '0.2.0' }, { newVersion: '0.1.1' }];
    expect(() => section({ ...plan('Added: one.'), releases }, '')).toThrow('0.2.0, 0.1.1');
    expect(() => section({ ...plan('Added: one.'), releases: [] }, '')).toThrow('none');
  });

  test('goes above the newest version', () => {
    expect(insert('# Changelog\n\nWords.\n\n## 0.1.0\n\nFirst.\n', '## 0.2.0\n')).toBe(
      '# Changelog\n\nWords.\n\n## 0.2.0\n\n## 0.1.0\n\nFirst.\n',
    );
    expect(insert('# Changelog\n', '## 0.2.0\n')).toBe('# Changelog\n\n## 0.2.0\n');
  });
});

test('every changeset of this repository has entries of known kinds', () => {
  const folder = join(import.meta.dirname, '../../.changeset');
  const files = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');
  const summaries = files.map((name) => readFileSync(join(folder, name), 'utf8').split(/^---$/m)[2].trim());
  expect(() => section(plan(...summaries), '')).not.toThrow();
});
