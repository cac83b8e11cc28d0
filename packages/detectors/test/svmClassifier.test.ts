import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { compress, resolveConfig, train, transferDetector } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';
import { collect } from '../../training/test/runs';
import { gridProposals, squares, tinyDetector } from './scenes';
import { options, stagedDetectorTests } from './staged';

beforeAll(useTestEngine);

const make = (random = mulberry32(1)) => tinyDetector({ head: { hidden: [32], classifier: 'svm' }, random });

describe('Fast R-CNN with SVMs in place of the softmax', () => {
  stagedDetectorTests((random) => make(random), {
    epochs: 12,
    fitted: ['svm'],
    augment: { scale: [1, 1] },
    boxTargets: { normalize: 'perClass' },
  });

  test("boxes are the network's own, scores the margins of the SVMs on its last hidden layer", async () => {
    const detector = make();
    await collect(train(detector, squares({ count: 4 }), options()));
    const state = await detector.stateDict();
    const { image } = await squares({ count: 1, seed: 5 }).get(0);
    const boxes = gridProposals(image);
    const { context, dispose } = detector.contextOf(image);
    const { head, regionFeatures } = detector.parts;
    const [scores, offsets, expectedScores, expectedOffsets] = tf.tidy(() => {
      const features = regionFeatures.apply(context, [boxes]);
      const predicted = head.predict(features);
      const tensor = (name: string) => {
        const { data, shape } = state.get(`head.${name}`)!;
        return tf.tensor(data as Float32Array, shape);
      };
      // PyTorch flattens channel by channel.
      const flat = tf.reshape(tf.transpose(features, [0, 3, 1, 2]), [boxes.length / 4, -1]);
      const layer = (x: tf.Tensor, name: string) =>
        tf.add(
          tf.matMul(x as tf.Tensor2D, tensor(`${name}.weight`) as tf.Tensor2D, false, true),
          tensor(`${name}.bias`),
        );
      const hidden = tf.relu(layer(flat, 'network.fc6'));
      return [
        predicted.scores,
        predicted.boxOffsets,
        layer(hidden, 'linear.svm'),
        layer(hidden, 'network.bbox_pred'),
      ].map((one) => one.arraySync() as number[][]);
    });
    dispose();
    expect(scores!.length).toBe(boxes.length / 4);
    scores!.forEach((row, r) => {
      expect(row[0]).toBe(0);
      row.slice(1).forEach((margin, k) => expect(margin).toBeCloseTo(expectedScores![r]![k]!, 4));
      offsets![r]!.forEach((offset, k) => expect(offset).toBeCloseTo(expectedOffsets![r]![k]!, 4));
    });
    detector.dispose();
  });

  test('its fully connected layers can be compressed; other classes get SVMs of their own', async () => {
    const detector = make();
    await collect(train(detector, squares({ count: 4 }), options()));
    const { image } = await squares({ count: 1, seed: 5 }).get(0);
    const limits = { proposals: gridProposals(image), scoreThreshold: -1 };
    const { timings: _, ...whole } = await detector.detect(image, limits);
    const { detector: same } = await compress(detector, { fc6: 32 });
    const { timings: __, ...split } = await same.detect(image, limits);
    expect(split.scores.length).toBe(whole.scores.length);
    split.scores.forEach((score, i) => expect(score).toBeCloseTo(whole.scores[i]!, 4));
    const other = await transferDetector(detector, { classes: ['a', 'b', 'c'], random: mulberry32(3) });
    const [before, after] = [await detector.stateDict(), await other.stateDict()];
    expect(after.get('head.network.fc6.weight')).toEqual(before.get('head.network.fc6.weight'));
    expect(after.get('head.linear.svm.weight')!.shape).toEqual([3, 32]);
    for (const one of [detector, same, other]) one.dispose();
  });

  test('its margins are cut at −1; what needs probabilities, and SVM settings without SVMs, are refused', async () => {
    const config = { type: 'fast-rcnn', classes: ['a'], backbone: 'squeezenet1_1' } as const;
    const head = { classifier: 'svm' } as const;
    // Margins: R-CNN's own threshold and suppression.
    expect(resolveConfig({ ...config, head }).postprocess).toMatchObject({
      scoreThreshold: -1,
      nmsThreshold: 0.3,
      softNms: null,
    });
    const postprocess = { softNms: { method: 'linear' } } as const;
    expect(() => resolveConfig({ ...config, head, postprocess })).toThrow(
      /softNms .*leave one of the two out/,
    );
    const events = train(tinyDetector(), squares({ count: 2 }), options({ svm: { cost: 1 } }));
    await expect(collect(events)).rejects.toThrow(/svm is for a detector made with head/);
  });
});
