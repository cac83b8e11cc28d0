/**
 * RoI pooling and RoIAlign, forward and backward, beside torchvision on one thread:
 *   npx tsx --conditions=@roikit/source packages/ops/bench/regions.bench.ts [--python python3]
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { useEngine } from '@roikit/engine';
import * as tf from '@tensorflow/tfjs-core';
import { roiAlign, roiPool } from '../src';
import { seeded } from '../test/random';

const REPEATS = 5;
/** VGG16's conv5 of a 1000×600 image, and as many boxes as selective search gives. */
const map = { height: 38, width: 63, channels: 512, outputSize: 7, spatialScale: 1 / 16, boxes: 2000 };
const align = { samplingRatio: 2, aligned: true };

const random = seeded(1);
const boxes = new Float32Array(4 * map.boxes);
for (let r = 0; r < map.boxes; r++) {
  for (const [axis, side] of [map.width * 16, map.height * 16].entries()) {
    const ends = [random() * side, random() * side];
    boxes[4 * r + axis] = Math.min(...ends);
    boxes[4 * r + axis + 2] = Math.max(...ends);
  }
}

interface Times {
  forward: number[];
  backward: number[];
}

function summary(values: number[]): { median: number; text: string } {
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1]!;
  return { median, text: `${median.toFixed(0)} (${sorted[0]!.toFixed(0)}–${sorted.at(-1)!.toFixed(0)})` };
}

async function measure(op: 'roiPool' | 'roiAlign'): Promise<Times> {
  const features = tf.randomUniform(
    [1, map.height, map.width, map.channels],
    -1,
    1,
    'float32',
    1,
  ) as tf.Tensor4D;
  const regions = tf.tensor2d(boxes, [map.boxes, 4]);
  const indices = tf.zeros([map.boxes], 'int32') as tf.Tensor1D;
  const { outputSize, spatialScale } = map;
  const run = (x: tf.Tensor4D): tf.Tensor4D =>
    op === 'roiPool'
      ? roiPool(x, regions, indices, { outputSize, spatialScale })
      : roiAlign(x, regions, indices, { outputSize, spatialScale, ...align });
  const times: Times = { forward: [], backward: [] };
  for (let i = -1; i < REPEATS; i++) {
    const start = performance.now();
    const y = run(features);
    const forward = performance.now() - start;
    const dy = tf.onesLike(y);
    const name = op === 'roiPool' ? 'RoiPoolGrad' : 'RoiAlignGrad';
    const attrs = { outputSize: [outputSize, outputSize], spatialScale, ...align };
    const before = performance.now();
    const dx = tf.engine().runKernel(name, { dy, features, boxes: regions, boxIndices: indices }, attrs);
    const backward = performance.now() - before;
    tf.dispose([y, dy, dx]);
    if (i < 0) continue;
    times.forward.push(forward);
    times.backward.push(backward);
  }
  tf.dispose([features, regions, indices]);
  return times;
}

function torchvision(op: 'roiPool' | 'roiAlign', python: string): (Times & { version: string }) | undefined {
  const script = fileURLToPath(new URL('regions_peer.py', import.meta.url));
  const options = JSON.stringify({ op, ...map, ...align, repeats: REPEATS });
  const { status, stdout, stderr } = spawnSync(python, [script, options], {
    input: JSON.stringify([...boxes]),
  });
  if (status === 0) return JSON.parse(String(stdout)) as Times & { version: string };
  console.warn(`torchvision is not measured: ${python} says ${String(stderr).trim().split('\n').at(-1)}`);
  return undefined;
}

const flag = process.argv.indexOf('--python');
const python = flag < 0 ? 'python3' : process.argv[flag + 1]!;
console.log(
  `${map.boxes} boxes, ${map.height}×${map.width}×${map.channels} → 7×7; ms, median (least–most) of ${REPEATS}`,
);
console.log(
  '| operation | engine | forward | backward | both / torchvision |\n| --- | --- | --- | --- | --- |',
);
for (const op of ['roiPool', 'roiAlign'] as const) {
  const peer = torchvision(op, python);
  const both = ({ forward, backward }: Times): number => summary(forward).median + summary(backward).median;
  const row = (engine: string, times: Times): void => {
    const ratio = peer ? (both(times) / both(peer)).toFixed(2) : '–';
    const cells = [op, engine, summary(times.forward).text, summary(times.backward).text, ratio];
    console.log(`| ${cells.join(' | ')} |`);
  };
  if (peer) row(`torchvision ${peer.version}`, peer);
  for (const engine of ['wasm', 'tensorflow'] as const) {
    try {
      await useEngine(engine);
    } catch (error) {
      console.warn(`${engine} is not measured: ${(error as Error).message}`);
      continue;
    }
    row(engine, await measure(op));
  }
}
