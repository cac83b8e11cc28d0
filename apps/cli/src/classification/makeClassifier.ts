import { loadWeights } from '@roikit/backbones';
import { buildNetwork } from '@roikit/classification';
import type { StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ClassifierSettings } from './settings';

/** A network for these classes; with published weights in every layer whose shape does not hang on the classes. */
export function makeClassifier(
  { network, source, preprocessing: { crop } }: ClassifierSettings,
  { classes, weights, random }: { classes: readonly string[]; weights?: StateDict; random: () => number },
): LayersModel {
  const build = { source, inputShape: [crop, crop, 3] as [number, number, 3] };
  const model = buildNetwork(network, { ...build, numClasses: classes.length, random });
  if (weights === undefined) return model;
  const published = buildNetwork(network, build);
  loadWeights(published, weights, { source });
  for (const layer of model.layers) {
    const given = published.getLayer(layer.name).getWeights();
    const fits = layer
      .getWeights()
      .every(({ shape }, i) => tf.util.arraysEqual(shape, given[i]?.shape ?? []));
    if (fits) layer.setWeights(given);
  }
  published.dispose();
  return model;
}
