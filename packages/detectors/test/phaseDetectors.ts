import { mulberry32, type SeededRandom } from '@roikit/geometry';
import { createDetector, type GeneralizedRCNN, type TrainOptions } from '../src';
import { gridProposals, tinyDetector } from './scenes';

// One small detector of every way to be trained, and the phases it goes through.

interface PhasedDetector {
  make(random?: SeededRandom): GeneralizedRCNN;
  phases: string[];
  /** Of its training. */
  options: Omit<TrainOptions, 'random'>;
}

const common = {
  epochs: 2,
  batch: { images: 2, regions: 16 },
  optimizer: { type: 'adamw', learningRate: 1e-3 },
  proposals: gridProposals,
} as const;
const classes = ['red', 'blue'];
const backbone = { name: 'squeezenet1_1', layers: ['features.3'], frozenThrough: null } as const;
const transform = { minSize: 64, maxSize: 64 };
const random1 = () => mulberry32(1);

export const PHASED: Record<string, PhasedDetector> = {
  rcnn: {
    make: (random = random1()) =>
      createDetector({
        type: 'rcnn',
        classes,
        backbone: { ...backbone, layers: [...backbone.layers] },
        proposals: 'precomputed',
        regions: { size: 24, context: 2, outputSize: [2, 2] },
        head: { hidden: [16] },
        random,
      }),
    phases: ['fine-tune', 'svm', 'boxes'],
    options: common,
  },
  'spp-net': {
    make: (random = random1()) =>
      createDetector({
        type: 'spp-net',
        classes,
        backbone: { ...backbone, layers: [...backbone.layers] },
        transform,
        proposals: 'precomputed',
        regions: { levels: [1, 2] },
        head: { hidden: [16] },
        random,
      }),
    phases: ['fine-tune', 'svm', 'boxes'],
    options: common,
  },
  'fast-rcnn': {
    make: (random = random1()) => tinyDetector({ head: { hidden: [16] }, random }),
    phases: ['fine-tune'],
    options: { ...common, boxTargets: { normalize: 'perClass' } },
  },
  'fast-rcnn with SVMs': {
    make: (random = random1()) => tinyDetector({ head: { hidden: [16], classifier: 'svm' }, random }),
    phases: ['fine-tune', 'svm'],
    options: { ...common, boxTargets: { normalize: 'perClass' } },
  },
  'faster-rcnn': {
    make: (random = random1()) =>
      createDetector({
        type: 'faster-rcnn',
        classes,
        backbone: { ...backbone, layers: ['features.3', 'features.4'] },
        fpn: { channels: 8 },
        transform,
        rpn: {
          anchors: { sizes: [[16], [32], [64]], aspectRatios: [1] },
          preNms: 50,
          postNms: 20,
          nmsThreshold: 0.7,
        },
        head: { hidden: [16] },
        random,
      }),
    phases: ['joint'],
    options: { ...common, proposals: undefined },
  },
};
