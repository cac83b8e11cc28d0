import { squeezenet1_1, vgg16 } from '@roikit/backbones';
import type * as tf from '@tensorflow/tfjs-layers';

interface BackboneEntry {
  build: (options: {
    inputShape: [null, null, 3];
    includeTop: false;
    random: () => number;
  }) => tf.LayersModel;
  /** The map Fast R-CNN pools from: the last one of stride 16. */
  layers: readonly string[];
  /** First layers keep their ImageNet weights: Fast R-CNN §4.5. */
  frozenThrough: string | null;
}

/** Backbones a detector can be built on, by name. */
export const BACKBONES = {
  squeezenet1_1: { build: squeezenet1_1, layers: ['features.12'], frozenThrough: 'features.0' },
  vgg16: { build: vgg16, layers: ['features.28'], frozenThrough: 'features.7' },
} as const satisfies Record<string, BackboneEntry>;

export type BackboneName = keyof typeof BACKBONES;
