// A forward pass at 224: the LayersModel, the same fused, and PyTorch on the same machine with torchvision's network.
// npx tsx --conditions=@roikit/source packages/backbones/bench/inference.bench.ts [engine …]
// PyTorch is run by $PYTHON, python3 where unset, and skipped aloud where it has no torchvision.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { useEngine } from '@roikit/engine';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { fuse, mobilenetV2, resnet50, squeezenet1_1, vgg16 } from '../src';
import { mulberry32 } from '@roikit/geometry';

const networks: [name: string, build: () => tfl.LayersModel][] = [
  ['squeezenet1_1', () => squeezenet1_1({ random: mulberry32(1) })],
  ['mobilenet_v2', () => mobilenetV2({ random: mulberry32(1) })],
  ['resnet50', () => resnet50({ random: mulberry32(1) })],
  ['vgg16', () => vgg16({ random: mulberry32(1) })],
];
const batches = [1, 8];
const budgetMs = 6000;

interface Timing {
  median: number;
  low: number;
  high: number;
}

function describe(times: number[]): Timing {
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1]!, low: times[0]!, high: times.at(-1)! };
}

const text = ({ median, low, high }: Timing) => `${median.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`;

/** PyTorch's timings by network and batch. */
function torchTimings(): Record<string, Timing> | undefined {
  const script = fileURLToPath(new URL('inference_peer.py', import.meta.url));
  const names = networks.map(([name]) => name);
  const python = process.env.PYTHON ?? 'python3';
  const { status, stdout, stderr } = spawnSync(
    python,
    [script, JSON.stringify({ names, batches, budgetMs })],
    { encoding: 'utf8' },
  );
  if (status === 0) return JSON.parse(stdout) as Record<string, Timing>;
  console.log(`SKIPPED PyTorch: ${stderr.trim().split('\n').at(-1)}`);
  return undefined;
}

async function pass(
  model: { predict(images: tf.Tensor4D): tf.Tensor | tf.Tensor[] },
  images: tf.Tensor4D,
): Promise<number> {
  const started = performance.now();
  const output = model.predict(images) as tf.Tensor;
  await output.data();
  const elapsed = performance.now() - started;
  output.dispose();
  return elapsed;
}

/** Plain and fused in turn, so that whatever else the machine does strikes both. */
async function compare(model: tfl.LayersModel, batch: number): Promise<[Timing, Timing]> {
  const plain = { predict: (images: tf.Tensor4D) => model.predict(images, { batchSize: batch }) };
  const fused = fuse(model);
  const random = mulberry32(2);
  const images = tf.tensor4d(
    Float32Array.from({ length: batch * 224 * 224 * 3 }, () => 2 * random() - 1),
    [batch, 224, 224, 3],
  );
  const times: [number[], number[]] = [[], []];
  await pass(plain, images);
  await pass(fused, images);
  const end = performance.now() + 2 * budgetMs;
  while (times[0].length < 5 || (performance.now() < end && times[0].length < 30)) {
    times[0].push(await pass(plain, images));
    times[1].push(await pass(fused, images));
  }
  images.dispose();
  fused.dispose();
  return [describe(times[0]), describe(times[1])];
}

const torch = torchTimings();
const engines = process.argv.slice(2).length ? process.argv.slice(2) : ['tensorflow', 'wasm'];
for (const engine of engines as ('tensorflow' | 'wasm')[]) {
  const info = await useEngine(engine).catch((error: Error) => error);
  if (info instanceof Error) {
    console.log(`SKIPPED ${engine}: ${info.message.split('\n')[0]}`);
    continue;
  }
  console.log(
    `\n${engine}: ${info.detail}, ${info.threads} threads; ms, median (fastest–slowest); ratios of the fastest`,
  );
  console.log('| network | batch | plain | fused | plain ÷ fused | PyTorch | fused ÷ PyTorch |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const [name, build] of networks) {
    const model = build();
    for (const batch of batches) {
      const [plain, fused] = await compare(model, batch);
      const peer = torch?.[`${name} ${batch}`];
      const gain = (plain.low / fused.low).toFixed(2); // the fastest passes are those that other work disturbed least
      const ratio = peer ? (fused.low / peer.low).toFixed(2) : '–';
      console.log(
        `| ${name} | ${batch} | ${text(plain)} | ${text(fused)} | ${gain} | ${peer ? text(peer) : '–'} | ${ratio} |`,
      );
    }
    model.dispose();
  }
}
