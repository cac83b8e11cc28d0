// The region proposal network on the maps of an 800 × 1088 input, proposals only: read of the best anchors, beside read of
// all, A B A B; CPU time, and how much memory the arrays take that JavaScript gets (tensors read, anchors, candidates).
// npx tsx --expose-gc --conditions=@roikit/source packages/detectors/bench/proposals.bench.ts [tensorflow] [channels]
import { useEngine, type EngineName } from '@roikit/engine';
import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import type { FeatureMap } from '../src';
import { regionProposalNetwork } from '../src';

const ROUNDS = 60;
const [engine = 'tensorflow', channels = '8'] = process.argv.slice(2);
const info = await useEngine(engine as EngineName);
console.log(
  `${info.name} (${info.detail}), ${info.threads} threads; ${channels} channels, so that little but reading remains`,
);

const size = { width: 1066, height: 800 };
const maps: FeatureMap[] = [4, 8, 16, 32, 64].map((stride, seed) => ({
  map: tf.randomNormal(
    [1, Math.ceil(800 / stride), Math.ceil(1088 / stride), Number(channels)],
    0,
    1,
    'float32',
    seed,
  ),
  field: { stride, center: 0, size: stride },
}));
const rpn = regionProposalNetwork({
  channels: Number(channels),
  anchors: { sizes: [[32], [64], [128], [256], [512]], aspectRatios: [0.5, 1, 2] },
  preNms: 1000,
  postNms: 1000,
  nmsThreshold: 0.7,
  cells: 'corner',
  random: mulberry32(1),
});
const context = { image: { data: new Uint8Array(), ...size }, size };
const ways = {
  'all read': async () => rpn.select(await rpn.predict(maps), context),
  'best read': () => rpn.propose({ ...context, maps }),
};

const buffers = () => process.memoryUsage().arrayBuffers;
const cpu: Record<string, number[]> = {};
const memory: Record<string, number> = {};
for (let round = -2; round < ROUNDS; round++) {
  const order = Object.entries(ways);
  for (const [name, propose] of round % 2 === 0 ? order : order.toReversed()) {
    globalThis.gc?.();
    const [start, before] = [buffers(), process.cpuUsage()];
    await propose();
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) (cpu[name] ??= []).push((user + system) / 1000);
    memory[name] = Math.max(memory[name] ?? 0, buffers() - start);
  }
}
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
for (const name of Object.keys(ways)) {
  console.log(
    `${name}: ${median(cpu[name]!).toFixed(1)} ms of CPU (least ${Math.min(...cpu[name]!).toFixed(1)}), ${(memory[name]! / 1e6).toFixed(2)} MB of arrays`,
  );
}
