import type * as tfl from '@tensorflow/tfjs-layers';

/** Height, width and channels of one image; `null` for a side that varies from call to call. */
export type InputShape = [number | null, number | null, number];

/** What every network takes. */
export interface BackboneOptions {
  /** Outputs of the classifier. @default 1000 ImageNet-1k, what published weights have */
  numClasses?: number;
  /** Without top any `[null, null, 3]` will do. @default the size the network was published at */
  inputShape?: InputShape;
  /** Whether to end in logits `[N, numClasses]` or in the last feature map. @default true as torchvision */
  includeTop?: boolean;
  /** Share of values the top drops in training. @default the published rate, in networks that have dropout */
  dropout?: number;
  /**
   * Source of the first weights, drawn as torchvision draws them, and of dropout's masks.
   * Without it kernels are zero, which is quick: right where `loadWeights` comes next, of no use for training.
   */
  random?: () => number;
}

/** Batch, height, width and channels of a map, as layers take and give it. */
export type MapShape = [number | null, number | null, number | null, number | null];

export type SymbolicTensor = tfl.SymbolicTensor;
