import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { squeezenet1_1, stateDictOf } from '@roikit/backbones';
import { digits } from '@roikit/datasets';
import { useEngine } from '@roikit/engine';
import { mulberry32 } from '@roikit/geometry';
import { writeImage } from '@roikit/image/node';
import { writeSafetensors } from '@roikit/weights';
import { afterAll, beforeAll, expect, test } from 'vitest';
// @ts-expect-error JavaScript, as readers copy it
import { openEmbedder, similarity } from './similar.js';

const folder = mkdtempSync(join(tmpdir(), 'roikit-backbone-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  await useEngine('wasm');
  // Random weights see differences, too; ImageNet's are not ours to ship.
  const network = squeezenet1_1({ random: mulberry32(3) });
  writeFileSync(join(folder, 'weights.safetensors'), writeSafetensors(await stateDictOf(network)));
  const scenes = digits({ count: 2, random: mulberry32(4) });
  for (const i of [0, 1]) {
    const { image } = await scenes.get(i);
    const data = image.data.map((value) => Math.min(255, value + 4));
    await writeImage(join(folder, `${i}.png`), image);
    await writeImage(join(folder, `${i}-brighter.png`), { ...image, data });
  }
});

test('a picture is most like itself, then like itself in other light, then like others', async () => {
  const embed = await openEmbedder(join(folder, 'weights.safetensors'));
  const [one, again, brighter, other] = await Promise.all(
    ['0.png', '0.png', '0-brighter.png', '1.png'].map((name) => embed(join(folder, name))),
  );
  expect(one).toHaveLength(512);
  expect(similarity(one, again)).toBeCloseTo(1, 5);
  expect(similarity(one, brighter)).toBeLessThan(1 - 1e-7);
  expect(similarity(one, other)).toBeLessThan(similarity(one, brighter));
});
