import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { useEngine } from '../src/index';

// A file of its own: the engines must be new.
test('calls at once take their turns: each starts its engine, and the last one is in use', async () => {
  const names = ['wasm', 'wasm', 'cpu', 'wasm', 'cpu'] as const;
  const unknown = useEngine('cuda' as 'cpu').catch((error: Error) => error.message);
  const infos = await Promise.all(names.map((name) => useEngine(name)));
  expect(infos.map(({ name }) => name)).toEqual(names);
  expect(tf.getBackend()).toBe('cpu');
  expect(await unknown).toMatch(/^useEngine: name must be one of auto, .*, got cuda$/);
});
