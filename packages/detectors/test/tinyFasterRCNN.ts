import { mulberry32 } from '@roikit/geometry';
import { createDetector, type FasterRCNNOptions } from '../src';

/** Two maps of SqueezeNet's first layers (strides 4 and 8) and one level more, 64 pixels. */
export function tinyFasterRCNN(options: Partial<FasterRCNNOptions> & { random?: () => number } = {}) {
  return createDetector({
    type: 'faster-rcnn',
    classes: ['red', 'blue'],
    backbone: { name: 'squeezenet1_1', layers: ['features.3', 'features.6'], frozenThrough: null },
    fpn: { channels: 16 },
    rpn: { anchors: { sizes: [[16], [24], [36]], aspectRatios: [1] }, preNms: 50, postNms: 20 },
    transform: { minSize: 64, maxSize: 128 },
    regions: { outputSize: [3, 3] },
    head: { hidden: [32] },
    random: mulberry32(1),
    ...options,
  });
}

/** The paper's form. */
export const oneMap = {
  backbone: { name: 'squeezenet1_1', layers: ['features.3'], frozenThrough: null },
  fpn: null,
  rpn: { anchors: { sizes: [[20, 28, 36]], aspectRatios: [1] }, preNms: 100, postNms: 30 },
} as const satisfies Partial<FasterRCNNOptions>;
