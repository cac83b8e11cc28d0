import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StateDict, writeSafetensors } from '@roikit/weights';
import { readStateDict } from '@roikit/weights/node';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { roikit, temporaryFolder } from './support';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

describe('weights', () => {
  const tensors: StateDict = new Map([
    ['conv.weight', { dtype: 'float32', shape: [2, 3, 1, 1], data: Float32Array.of(1, 2, 3, 4, 5, 70000) }],
    ['bn.running_mean', { dtype: 'float32', shape: [2], data: Float32Array.of(0.5, 0.25) }],
    ['bn.num_batches_tracked', { dtype: 'int64', shape: [], data: BigInt64Array.of(7n) }],
  ]);
  let file: string;
  beforeAll(() => {
    file = join(folder, 'in.safetensors');
    writeFileSync(file, writeSafetensors(tensors));
  });

  test('inspect lists tensors and tells parameters from statistics', async () => {
    const { stdout } = await roikit('weights', 'inspect', file);
    expect(stdout).toMatch(/^conv\.weight +float32 +2 × 3 × 1 × 1 +6$/m);
    expect(stdout).toMatch(/^bn\.num_batches_tracked +int64 +scalar +1$/m);
    expect(stdout).toContain('3 tensors, 6 parameters and 3 batch norm statistics');
    const { stdout: json } = await roikit('weights', 'inspect', file, '--json');
    expect(JSON.parse(json)).toMatchObject({
      parameters: 6,
      statistics: 3,
      tensors: [{ shape: [2, 3, 1, 1] }, {}, {}],
    });
  });

  test('convert to float16 keeps names, shapes and integers, and warns of what does not fit', async () => {
    const out = join(folder, 'new/out.safetensors');
    const { code, stderr } = await roikit('weights', 'convert', file, out, '--dtype', 'float16');
    expect(code).toBe(0);
    expect(stderr).toContain('conv.weight: 1 value beyond ±65504');
    const read = await readStateDict(out);
    expect([...read.keys()].sort()).toEqual([...tensors.keys()].sort());
    expect(read.get('bn.running_mean')).toMatchObject({ dtype: 'float16', data: Float32Array.of(0.5, 0.25) });
    expect(read.get('bn.num_batches_tracked')).toMatchObject({ dtype: 'int64', data: BigInt64Array.of(7n) });
    const again = await roikit('weights', 'convert', file, out);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(out);
  });

  test.each([
    [['inspect', 'no.pth'], 1, 'no.pth'],
    [['convert', 'a.pth', 'b.pth'], 2, '.safetensors'],
    [['convert', 'a.pth'], 2, 'out'],
    [['inspect'], 2, 'file'],
  ])('weights %j exits with its reason', async (args, exit, why) => {
    const { code, stderr } = await roikit('weights', ...args);
    expect(code).toBe(exit);
    expect(stderr).toContain(why);
  });
});
