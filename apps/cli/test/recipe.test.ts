import { describe, expect, test } from 'vitest';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledRecipes, parseRecipe, readRecipe } from '../src/training/recipe';
import { readSettings, resolveSettings } from '../src/training/settings';

const recipe = parseRecipe(
  JSON.stringify({
    data: { path: 'data/cells', format: 'voc', split: 'trainval', validation: 'test' },
    detector: {
      type: 'fast-rcnn',
      backbone: { name: 'squeezenet1_1', frozenThrough: 'features.0' },
      head: { hidden: [512] },
    },
    training: { epochs: 10, batch: { images: 2, regions: 64 }, optimizer: { learningRate: 0.003 }, seed: 7 },
  }),
  'cells.json',
);

describe('recipes', () => {
  test('a fault is told with the file and the place in it', () => {
    const text = JSON.stringify({
      training: { epochs: 0, optimiser: {} },
      detector: { type: 'yolo', backbone: 'x' },
    });
    expect(() => parseRecipe(text, 'r.json')).toThrow(
      /^r\.json: .*detector\.type: .*fast-rcnn.*training\.epochs: .*training: .*"optimiser".*correct the recipe$/,
    );
  });

  test('what was probably meant is said: keys, kinds, the name of a recipe', async () => {
    const text = JSON.stringify({ detector: { transform: { minsize: 1 } }, trainig: {} });
    expect(() => parseRecipe(text, 'r.json')).toThrow(
      /"minsize" \(did you mean minSize\?\).*"trainig" \(did you mean training\?\); correct the recipe$/,
    );
    expect(() => parseRecipe('{ "detector": { "type": "fastrcnn" } }', 'r.json')).toThrow(
      /detector\.type: .*got "fastrcnn" \(did you mean fast-rcnn\?\)/,
    );
    await expect(readRecipe('bcd')).rejects.toThrow(/take one of .* \(did you mean bccd\?\)$/);
  });

  test('one that changes a single setting leaves kind and backbone to the flags', () => {
    const text = JSON.stringify({ detector: { transform: { minSize: 800, maxSize: 1333 } } });
    const flags = { engine: 'auto', data: 'x', backbone: 'squeezenet1_1' };
    expect(resolveSettings(flags, parseRecipe(text, 'r.json')).detector).toMatchObject({
      type: 'fast-rcnn',
      backbone: { name: 'squeezenet1_1' },
      transform: { minSize: 800, maxSize: 1333 },
    });
    const faster = parseRecipe('{ "detector": { "rpn": { "postNms": 300 } } }', 'r.json', 'faster-rcnn');
    expect(resolveSettings(flags, faster).detector).toMatchObject({
      type: 'faster-rcnn',
      rpn: { postNms: 300 },
    });
    expect(() => parseRecipe('{ "detector": { "rpn": { "postNms": 300 } } }', 'r.json')).toThrow(
      /detector: .*"rpn"/,
    );
    expect(() => resolveSettings({ engine: 'auto', data: 'x' }, faster)).toThrow(/which backbone\?/);
  });

  test.each([
    [{ optimizer: { momentum: 0.9 } }, /^r\.json: training\.optimizer\.momentum: expected with type 'sgd'/],
    [{ optimizer: { type: 'sgd', betas: [0.9, 0.99] } }, /training\.optimizer\.betas: expected with type/],
    [{ schedule: { type: 'cosine', milestones: [0.5] } }, /training\.schedule\.milestones: expected with/],
  ])('%j: what would be ignored is refused', (training, message) => {
    expect(() => parseRecipe(JSON.stringify({ training }), 'r.json')).toThrow(message);
  });

  test('a run that was begun when it was ignored goes on without it', async () => {
    const out = mkdtempSync(join(tmpdir(), 'roikit-cli-'));
    const optimizer = { type: 'adamw', learningRate: 0.1, momentum: 0.9 };
    writeFileSync(join(out, 'config.json'), JSON.stringify({ training: { epochs: 3, optimizer } }));
    expect((await readSettings(out)).training).toEqual({
      epochs: 3,
      optimizer: { type: 'adamw', learningRate: 0.1 },
    });
    rmSync(out, { recursive: true });
  });

  test('what is not JSON is told so', () => {
    expect(() => parseRecipe('{', 'r.json')).toThrow(/^r\.json: the recipe is not JSON/);
  });

  test('those that come with roikit go by their name, a file of that name goes first', async () => {
    const names = await bundledRecipes();
    expect(names).toContain('bccd');
    for (const name of names) {
      const path = fileURLToPath(new URL(`../../../recipes/${name}.json`, import.meta.url));
      expect(await readRecipe(name)).toEqual(await readRecipe(path));
    }
    await expect(readRecipe('recipes/nowhere')).rejects.toThrow(/take one of .*bccd/);
  });

  test('a missing file is named', async () => {
    await expect(readRecipe('nowhere.json')).rejects.toThrow(
      /^nowhere\.json: the recipe can't be read; check the path/,
    );
  });

  const folder = fileURLToPath(new URL('../../../recipes', import.meta.url));
  const files = existsSync(folder)
    ? readdirSync(folder, { recursive: true }).filter((name) => `${name}`.endsWith('.json'))
    : [];
  test.each(files)('recipes/%s is valid', async (name) => {
    await expect(readRecipe(`${folder}/${name}`)).resolves.toHaveProperty('detector');
  });
});

describe('flags over a recipe', () => {
  test('flags win, the rest of the recipe stays', () => {
    const flags = {
      engine: 'auto',
      data: 'other',
      epochs: 3,
      batch: 4,
      lr: 0.1,
      backbone: 'vgg16',
      weights: 'w.safetensors',
    };
    const settings = resolveSettings(flags, recipe);
    expect(settings.data).toMatchObject({
      path: 'other',
      format: 'voc',
      split: 'trainval',
      validation: 'test',
    });
    expect(settings.training).toMatchObject({
      epochs: 3,
      seed: 7,
      batch: { images: 4, regions: 64 },
      optimizer: { learningRate: 0.1 },
    });
    expect(settings.detector).toMatchObject({
      backbone: { name: 'vgg16', frozenThrough: 'features.0' },
      head: { hidden: [512] },
    });
  });

  test('without ImageNet weights no layer is frozen, unless the recipe says so', () => {
    const { detector } = resolveSettings({ engine: 'auto', data: 'x', backbone: 'squeezenet1_1' }, {});
    expect(detector.backbone).toEqual({ name: 'squeezenet1_1', frozenThrough: null });
    expect(resolveSettings({ engine: 'auto' }, recipe).detector.backbone).toMatchObject({
      frozenThrough: 'features.0',
    });
  });

  test('what nobody said is asked for', () => {
    expect(() => resolveSettings({ engine: 'auto' }, {})).toThrow(/which pictures\? Give --data/);
    expect(() => resolveSettings({ engine: 'auto', data: 'x' }, {})).toThrow(
      /which backbone\? Give --backbone/,
    );
  });
});
