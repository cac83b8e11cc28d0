import type { StateDict } from '@roikit/weights';
import type * as tfl from '@tensorflow/tfjs-layers';
import { parametersOf } from './parameters';

/** A model's weights by torchvision's names and in PyTorch's layouts: what `loadWeights` takes, and PyTorch too. */
export async function stateDictOf(model: tfl.LayersModel): Promise<StateDict> {
  const stateDict: StateDict = new Map();
  for (const layer of model.layers) {
    const weights = layer.getWeights();
    for (const [i, { key, shape, encode }] of parametersOf(layer).entries()) {
      const values = (await weights[i]!.data()) as Float32Array;
      stateDict.set(key, { dtype: 'float32', shape, data: encode(values) });
    }
  }
  return stateDict;
}
