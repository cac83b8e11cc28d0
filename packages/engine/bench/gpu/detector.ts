import * as tf from '@tensorflow/tfjs-core';
import { createDetector } from '../../../detectors/src/index';
import { augment } from '../../../detectors/src/training/augment';
import { multiTaskLosses } from '../../../detectors/src/training/multiTaskPhase';
import { mulberry32, type Boxes } from '../../../geometry/src/index';
import { sampleRegions } from '../../../heads/src/index';
import { gradientStep, Optimizer } from '../../../training/src/index';
import type { Shrink } from './kernels';
import type { Stopwatch, Timing } from './timing';

function randomBoxes(count: number, width: number, height: number, random: () => number): Boxes {
  const corners = Array.from({ length: count }, () => {
    const [x, y] = [random() * 0.7 * width, random() * 0.7 * height];
    return [x, y, x + (0.05 + 0.2 * random()) * width, y + (0.05 + 0.2 * random()) * height];
  });
  return Float32Array.from(corners.flat());
}

/** A training step of recipes/bccd.json (two 640×480 images, 64 regions each), and detection with 2,000 boxes given. */
export async function timeDetector(shrink: Shrink, watch: Stopwatch): Promise<Timing[]> {
  const random = mulberry32(1);
  const [width, height] = [shrink(640), shrink(480)];
  const detector = createDetector({
    type: 'fast-rcnn',
    classes: ['RBC', 'WBC', 'Platelets'],
    backbone: { name: 'squeezenet1_1', layers: ['features.7', 'features.12'], frozenThrough: 'features.5' },
    neck: { channels: 96 },
    transform: { minSize: height, maxSize: width },
    proposals: 'precomputed',
    head: { hidden: [512] },
    random,
  });
  const optimizer = new Optimizer([{ variables: detector.variables(), factor: 0.2 }], {
    type: 'adamw',
    clipNorm: 10,
  });
  const image = {
    data: Uint8Array.from({ length: width * height * 3 }, () => random() * 256),
    width,
    height,
  };
  const proposals = randomBoxes(shrink(2000), width, height, random);
  const scene = () => {
    const labels = Int32Array.from({ length: 20 }, (_, i) => 1 + (i % 3));
    const truth = { boxes: randomBoxes(20, width, height, random), labels };
    return { sample: { id: 'noise', image, truth }, proposals };
  };
  const batch = [scene(), scene()];
  const step = async () => {
    const inputs = batch.map((original) => {
      const { sample, proposals } = augment(original, {}, random);
      return {
        image: sample.image,
        targets: sampleRegions(proposals, sample.truth, { coder: detector.parts.coder, random }),
      };
    });
    const where = () => 'the bench';
    await gradientStep(optimizer, () => multiTaskLosses(detector, inputs), { learningRate: 1e-4, where });
  };
  const detect = () => detector.detect(image, { proposals, exactTimings: false });
  await step();
  await detect(); // makes the fused backbone's weights, which stay
  const before = tf.memory().numTensors;
  const timings = [
    await watch.timeAsync('Fast R-CNN training step', step),
    await watch.timeAsync('detection, 640×480, 2,000 boxes given', detect),
  ];
  if (tf.memory().numTensors !== before)
    throw new Error(`${tf.memory().numTensors - before} tensors left behind`);
  optimizer.dispose();
  detector.dispose();
  return timings;
}
