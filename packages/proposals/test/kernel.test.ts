import { expect, test } from 'vitest';
import { compileKernel } from '../scripts/buildKernel';
import { KERNEL_BASE64 } from '../src/kernel/bytes';

test('the committed kernel is what its sources compile to', async () => {
  expect(await compileKernel()).toBe(KERNEL_BASE64);
});
