import { loadWeights, stateDictOf, variablesOf } from '@roikit/backbones';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Part } from './parts';

/** A `tf.LayersModel` as a part of a detector. */
export function modelPart(model: LayersModel): Part {
  return {
    stateDict: () => stateDictOf(model),
    load: (state) => void loadWeights(model, state),
    variables: () => variablesOf(model.trainableWeights),
    dispose: () => void model.dispose(),
  };
}

/** Keeps the layers up to and including the module `name` as they are. */
export function freezeThrough(model: LayersModel, name: string): void {
  const last = model.layers.findLastIndex(
    (layer) => layer.name === name || layer.name.startsWith(`${name}.`),
  );
  if (last < 0) {
    const known = model.layers.map((layer) => layer.name).join(', ');
    throw new RangeError(
      `createDetector: backbone.frozenThrough must be one of its layers (${known}), got ${name}`,
    );
  }
  for (const layer of model.layers.slice(0, last + 1)) layer.trainable = false;
}
