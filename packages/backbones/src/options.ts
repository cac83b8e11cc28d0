import type * as tfl from '@tensorflow/tfjs-layers';

/** Height, width and channels of one image; `null` for a side that varies from call to call. */
export type InputShape = [number | null, number | null, number];

/** What every network takes. */
export interface BackboneOptions {
  /** Outputs of the classifier. Default 1000: ImageNet-1k, what published weights have. */
  numClasses?: number;
  /** Default: the size the network was published at. Without top any `[null, null, 3]` will do. */
  inputShape?: InputShape;
  /** Whether to end in logits `[N, numClasses]` or in the last feature map. Default true. */
  includeTop?: boolean;
  /** Share of values the top drops in training. Default: the paper's, in networks that have dropout. */
  dropout?: number;
  /**
   * Source of the first weights, drawn as torchvision draws them, and of dropout's masks.
   * Without it kernels are zero, which is quick: right where `loadWeights` comes next, of no use for training.
   */
  random?: () => number;
}

export type SymbolicTensor = tfl.SymbolicTensor;
