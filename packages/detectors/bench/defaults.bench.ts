// What the defaults cost: a training step against one of recipes/bccd.json's, in turn, on two sizes of pictures
// ('step', on the native engine), and the head on 2,000 regions ('head', on wasm).
// npx tsx --conditions=@roikit/source packages/detectors/bench/defaults.bench.ts step|head
import { useEngine } from '@roikit/engine';
import { mulberry32 } from '@roikit/geometry';
import { sampleRegions } from '@roikit/heads';
import { gradientStep, Optimizer } from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import { createDetector, type FastRCNN, type FastRCNNOptions } from '../src';
import { multiTaskLosses } from '../src/training/multiTaskPhase';
import { randomBoxes, scene } from './scene';

const RUNS = 15;
const classes = ['RBC', 'WBC', 'Platelets'];
const backbone = 'squeezenet1_1' as const;
const recipe: FastRCNNOptions = {
  type: 'fast-rcnn',
  classes,
  backbone: { name: backbone, layers: ['features.7', 'features.12'], frozenThrough: 'features.5' },
  transform: { minSize: 480, maxSize: 640 },
};
const defaults: FastRCNNOptions = { type: 'fast-rcnn', classes, backbone };

/** Milliseconds of CPU of one step. */
function stepper(options: FastRCNNOptions, count: number, size: { width: number; height: number }) {
  const random = mulberry32(1);
  const frozenThrough = 'features.5';
  const detector = createDetector({
    ...options,
    backbone: { name: backbone, frozenThrough },
    random,
  }) as FastRCNN;
  const { coder } = detector.parts;
  const variables = detector.variables();
  const optimizer = new Optimizer([{ variables, factor: 1 }], { type: 'adamw', clipNorm: 10 });
  const batch = [scene(random, size), scene(random, size)];
  return async () => {
    const before = process.cpuUsage();
    const inputs = batch.map(({ sample: { image, truth }, proposals }) => ({
      image,
      targets: sampleRegions(proposals, truth, { coder, random, count }),
    }));
    const step = { learningRate: 1e-4, where: () => 'the bench' };
    await gradientStep(optimizer, () => multiTaskLosses(detector, inputs), step);
    return millisecondsOfCpu(before);
  };
}

function millisecondsOfCpu(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

async function compareSteps(): Promise<void> {
  const info = await useEngine('tensorflow');
  for (const size of [
    { width: 640, height: 480 },
    { width: 800, height: 533 },
  ]) {
    const steps = [stepper(recipe, 64, size), stepper(defaults, 128, size)];
    const times: number[][] = [[], []];
    for (let run = -2; run < RUNS; run++) {
      for (const [i, step] of steps.entries()) {
        const ms = await step();
        if (run >= 0) (times[i] as number[]).push(ms);
      }
    }
    const [a, b] = times.map(median) as [number, number];
    console.log(
      `${info.detail}, two ${size.width}×${size.height} pictures: recipe ${a.toFixed(0)} ms of CPU, ` +
        `defaults ${b.toFixed(0)}, ratio ${(b / a).toFixed(2)}`,
    );
  }
}

async function timeHead(): Promise<void> {
  const info = await useEngine('wasm');
  const random = mulberry32(1);
  const { parts } = createDetector({ ...defaults, random }) as FastRCNN;
  const size = { width: 640, height: 480 };
  const { image } = scene(random, size).sample;
  const maps = parts.backbone.features(parts.transform.apply(image).input);
  const boxes = randomBoxes(2000, random);
  const { regionFeatures, head } = parts;
  const times: number[] = [];
  for (let run = -2; run < RUNS; run++) {
    const before = process.cpuUsage();
    const outputs = tf.tidy(() => {
      const features = regionFeatures.apply({ images: [image], sizes: [size], maps }, [boxes]);
      const { scores, boxOffsets } = head.predict(features);
      return [scores, boxOffsets];
    });
    await Promise.all(outputs.map((output) => output.data()));
    tf.dispose(outputs);
    if (run >= 0) times.push(millisecondsOfCpu(before));
  }
  console.log(
    `${info.detail} (${info.threads} threads): pooling and head on 2,000 regions ${median(times).toFixed(0)} ms of CPU, ` +
      `${Math.min(...times).toFixed(0)} at best`,
  );
}

if (process.argv[2] === 'head') await timeHead();
else await compareSteps();
