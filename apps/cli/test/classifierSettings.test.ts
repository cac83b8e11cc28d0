import { expect, test } from 'vitest';
import { classifierSettings, fitBatch } from '../src/classification/settings';

const flags = { data: 'pictures', model: 'squeezenet1_1', flip: true, engine: 'cpu' };

test('fewer pictures than a step takes by default: all of them a step, at a rate in proportion', () => {
  const settings = classifierSettings(flags);
  expect(settings.training).toMatchObject({ batch: 32, learningRate: (0.1 * 32) / 256 });
  expect(fitBatch(settings, flags, 32)).toBe(settings);
  const fitted = fitBatch(settings, flags, 24).training;
  expect(fitted).toEqual({ ...settings.training, batch: 24, learningRate: expect.closeTo((0.1 * 24) / 256) });
});

test('what was asked for stays: a batch is refused later, a rate is taken as it is', () => {
  const batch = { ...flags, batch: 40 };
  expect(fitBatch(classifierSettings(batch), batch, 24).training.batch).toBe(40);
  const rate = { ...flags, lr: 0.5 };
  expect(fitBatch(classifierSettings(rate), rate, 24).training).toMatchObject({
    batch: 24,
    learningRate: 0.5,
  });
});
