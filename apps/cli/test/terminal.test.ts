import { spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { harmless } from '../src/terminal/print';

test('colours and lines are let through, what steers a terminal is not', () => {
  expect(harmless('a\u001B[1;31mred\u001B[0m\tb\nc 한 ✓')).toBe('a\u001B[1;31mred\u001B[0m\tb\nc 한 ✓');
  expect(harmless('\u001B[2J\u001B]0;title\u0007x\u009B2J\b\r\0')).toBe('�[2J�]0;title�x�2J���');
});

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const node = ['--import', 'tsx', '--conditions=@roikit/source', main];

test.skipIf(!existsSync('/dev/full'))('a full disk behind stdout is one line (needs /dev/full)', () => {
  const stdio = ['ignore', openSync('/dev/full', 'w'), 'pipe'] as const;
  const { status, stderr } = spawnSync(process.execPath, [...node, '--help'], {
    stdio: [...stdio],
    encoding: 'utf8',
  });
  expect(stderr).toMatch(/^error: stdout: .*(full|room|space).*\n$/);
  expect(status).toBe(1);
});
