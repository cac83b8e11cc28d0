// SqueezeNet 1.1 and ResNet-50 at 224×224 on every engine, and PyTorch where it is installed:
// npx tsx --conditions=@roikit/source bench/backbones.bench.ts [engine…]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { resnet50, squeezenet1_1 } from '../../backbones/src/index';
import { type EngineName, useEngine } from '../src/index';
import { profileKernels } from './profileKernels';

const networks = { squeezenet1_1, resnet50 };
const trainBatch = 4;
const names = process.argv.slice(2).filter((name) => !name.startsWith('-')) as EngineName[];

async function median(f: () => void, rounds = 5): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i <= rounds; i++) {
    const start = performance.now();
    f();
    // Only the warm-up may compile kernels.
    if (i > 0) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
}

for (const name of names.length > 0 ? names : (['wasm', 'tensorflow'] as EngineName[])) {
  const info = await useEngine(name).catch((error: unknown) => console.warn(`skipped: ${String(error)}`));
  if (info === undefined) continue;
  for (const [network, create] of Object.entries(networks)) {
    const model = create({ inputShape: [224, 224, 3] });
    const one = tf.randomNormal([1, 224, 224, 3]);
    const batch = tf.randomNormal([trainBatch, 224, 224, 3]);
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const forward = () => tf.tidy(() => void (model.predict(one) as tf.Tensor).dataSync());
    const step = () =>
      tf.tidy(() => {
        const loss = () =>
          tf.mean(tf.square(model.apply(batch, { training: true }) as tf.Tensor)) as tf.Scalar;
        const { grads } = tf.variableGrads(loss, variables);
        for (const gradient of Object.values(grads)) gradient.dataSync();
      });
    console.log(
      `${network} on ${name} (${info.detail}, ${info.threads} threads): forward ${(await median(forward)).toFixed(0)} ms, ` +
        `training step of ${trainBatch} ${(await median(step)).toFixed(0)} ms`,
    );
    if (process.argv.includes('--profile')) console.table(profileKernels(step).slice(0, 14));
    model.dispose();
    tf.dispose([one, batch]);
  }
}

const script = fileURLToPath(new URL('backbones_torch.py', import.meta.url));
for (const threads of ['1', '2']) {
  const torch = spawnSync(process.env['PYTHON'] ?? 'python3', [script, String(trainBatch), threads], {
    encoding: 'utf8',
  });
  console.log(torch.status === 0 ? torch.stdout.trim() : 'skipped: PyTorch is not installed (set PYTHON)');
}
