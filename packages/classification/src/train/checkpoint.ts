import { loadWeights, stateDictOf } from '@roikit/backbones';
import type { StateDict } from '@roikit/weights';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { WeightAverage } from './ema';
import type { Sgd } from './sgd';

/** All that training goes on from: `writeSafetensors` stores the tensors, the epoch is a number beside them. */
export interface ClassifierCheckpoint {
  /** Epochs finished. */
  epoch: number;
  /** `model.…` by torchvision's names, `momentum.…` and, with EMA, `ema.…` by TensorFlow.js's. */
  stateDict: StateDict;
}

const prefixed = (prefix: string, state: StateDict) =>
  [...state].map(([key, tensor]) => [prefix + key, tensor] as const);

function under(prefix: string, state: StateDict): StateDict {
  const own = [...state].filter(([key]) => key.startsWith(prefix));
  return new Map(own.map(([key, tensor]) => [key.slice(prefix.length), tensor]));
}

export async function saveCheckpoint(
  epoch: number,
  model: tfl.LayersModel,
  sgd: Sgd,
  ema: WeightAverage | undefined,
): Promise<ClassifierCheckpoint> {
  const stateDict: StateDict = new Map([
    ...prefixed('model.', await stateDictOf(model)),
    ...prefixed('momentum.', await sgd.state()),
    ...(ema ? prefixed('ema.', await ema.state()) : []),
  ]);
  return { epoch, stateDict };
}

export function restoreCheckpoint(
  { stateDict }: ClassifierCheckpoint,
  model: tfl.LayersModel,
  sgd: Sgd,
  ema: WeightAverage | undefined,
): void {
  loadWeights(model, under('model.', stateDict));
  sgd.restore(under('momentum.', stateDict));
  ema?.restore(under('ema.', stateDict));
}
