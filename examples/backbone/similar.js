import { featureExtractor, loadWeights, squeezenet1_1 } from '@roikit/backbones';
import { preprocess } from '@roikit/classification';
import { useEngine } from '@roikit/engine';
import { readImage } from '@roikit/image/node';
import { readStateDict } from '@roikit/weights/node';
import * as tf from '@tensorflow/tfjs-core';

/** What an ImageNet network sees in a picture: the mean of its last map, of length 1. `weights`: a file or an address. */
export async function openEmbedder(weights) {
  await useEngine();
  const network = squeezenet1_1();
  loadWeights(network, await readStateDict(weights));
  const features = featureExtractor(network, { stride: 16 });
  return async (file) => {
    const image = await readImage(file);
    const embedding = tf.tidy(() => {
      const mean = tf.squeeze(tf.mean(features.predict(preprocess(image)), [1, 2]), [0]);
      return tf.div(mean, tf.norm(mean));
    });
    const values = await embedding.data();
    embedding.dispose();
    return values;
  };
}

/** Cosine similarity of two embeddings: 1 for the same picture. */
export const similarity = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

if (import.meta.filename === process.argv[1]) {
  const [weights, query, ...others] = process.argv.slice(2);
  const embed = await openEmbedder(weights);
  const wanted = await embed(query);
  for (const file of others) console.log(similarity(wanted, await embed(file)).toFixed(4), file);
}
