import { describe, expect, test } from 'vitest';
import { roikit } from './support';

describe('usage', () => {
  test('help exits 0 and names every command', async () => {
    const { code, stdout } = await roikit('--help');
    expect(code).toBe(0);
    const detection = ['quickstart', 'train', 'evaluate', 'detect', 'propose', 'doctor'];
    for (const name of [...detection, 'classify', 'train-classifier', 'weights'])
      expect(stdout).toContain(name);
  });

  const detection = ['quickstart', 'train', 'evaluate', 'detect', 'propose', 'doctor'];
  const data = ['dataset inspect', 'dataset convert', 'dataset split'];
  const networks = ['classify', 'train-classifier', 'weights inspect', 'weights convert'];
  test.each([...detection, ...data, ...networks])('%s takes --json', async (verb) => {
    const { code, stdout } = await roikit(...verb.split(' '), '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +--json /m);
  });

  test.each(['train', 'compare'])('%s --help says how many pictures a step has', async (verb) => {
    const { stdout } = await roikit(verb, '--help');
    expect(stdout.replace(/\s+/g, ' ')).toContain('--batch <n> pictures a step; default: 2, rcnn 8 ');
  });

  test.each([
    [['fly']],
    [['propose']],
    [['propose', 'a.jpg', '--max', 'many']],
    [['propose', 'a.jpg', '--mode', 'slow']],
    [['detect', 'a.jpg']],
    [['train']],
    [['train', '--data', 'x']],
    [['train', '--resume']],
    [['evaluate', 'x']],
    [['train', '--data', 'digits', '--backbone', 'squeezenet1_1', '--classes', 'a,,b']],
  ])('roikit %j exits 2 with a reason', async (args) => {
    const { code, stderr } = await roikit(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('error:');
  });
});

test.each([
  [['propose', 'a.jpg', '--mode', 'singel'], 'single'],
  [['detect', 'a.jpg', '--model', 'digits', '--engine', 'wsam'], 'wasm'],
  [['dataset', 'convert', 'x', '--to', 'cocco', '--out', 'y'], 'coco'],
  [['jobs', 'collect', '--out', 'x', '--format', 'parkett'], 'parquet'],
  [['compare', '--data', 'x', '--types', 'rcnn,fast-rcn'], 'fast-rcnn'],
  [['evaluate', 'digts', '--data', 'x'], 'digits'],
])('roikit %j says which was meant', async (args, meant) => {
  expect((await roikit(...args)).stderr).toContain(`(did you mean ${meant}?)`);
});

describe('an option that would be ignored is refused', () => {
  test.each([
    ['propose: --scale only with --draw', ['propose', 'a.jpg', '--scale', '100']],
    ['propose: --out only with --draw', ['propose', 'a.jpg', '--out', 'x']],
    [
      'evaluate: --count, --seed only with --data digits',
      'evaluate x --data y --count 9 --seed 2'.split(' '),
    ],
    ['evaluate: --format only with', 'evaluate x --data digits --format voc'.split(' ')],
    ['doctor: --from, --gpu, --dry-run only with', 'doctor --from stock --gpu --dry-run'.split(' ')],
    ['doctor: --json only with the diagnosis', 'doctor --install-native --json'.split(' ')],
    ['collect: --split only with --truths', 'jobs collect --out x --split val'.split(' ')],
    ['start: --slots only with', 'jobs start a.jpg --model m --out x --queue redis://h --slots 2'.split(' ')],
    ['compare: --epochs, --engine only with', 'compare runs/a runs/b --epochs 3 --engine wasm'.split(' ')],
    [
      'train: --split, --strict only with',
      'train --data digits --backbone squeezenet1_1 --split x --strict'.split(' '),
    ],
  ])('%s', async (message, args) => {
    const { code, stderr } = await roikit(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
