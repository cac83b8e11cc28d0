import { mulberry32 } from '@roikit/geometry';
import { createDetector } from '../src';
import type { JointImage } from '../src/training/jointPhase';

// The transform makes pictures of 96 × 48 half as large again.
export const tiny = () =>
  createDetector({
    type: 'faster-rcnn',
    classes: ['red', 'blue'],
    backbone: { name: 'squeezenet1_1', layers: ['features.3'], frozenThrough: null },
    fpn: null,
    rpn: { anchors: { sizes: [[20, 30]], aspectRatios: [1] }, preNms: 100, postNms: 30 },
    transform: { minSize: 72, maxSize: 200 },
    regions: { outputSize: [3, 3] },
    head: { hidden: [16] },
    random: mulberry32(1),
  });

const picture = (seed: number, box: number[], label: number): JointImage => {
  const random = mulberry32(seed);
  const data = Uint8Array.from({ length: 96 * 48 * 3 }, () => 256 * random());
  const truth = { boxes: Float32Array.from(box), labels: Int32Array.of(label) };
  return { id: `${seed}`, image: { data, width: 96, height: 48 }, truth };
};
export const pictures = [picture(1, [10, 6, 30, 24], 1), picture(2, [50, 20, 68, 42], 2)];
