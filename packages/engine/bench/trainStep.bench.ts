// One training step of the SqueezeNet 1.1 trunk at 640×480, batch 2: npx tsx --conditions=@roikit/source bench/trainStep.bench.ts [engine…]
import * as tf from '@tensorflow/tfjs-core';
import { useEngine, type EngineName } from '../src/index';
import { profileKernels } from './profileKernels';
import { squeezenetTrunk, trainStep } from './squeezenet';

const names = process.argv.slice(2) as EngineName[];
for (const name of names.length > 0 ? names : (['wasm', 'tensorflow'] as EngineName[])) {
  const info = await useEngine(name);
  const model = squeezenetTrunk(480, 640);
  const image = tf.randomUniform([2, 480, 640, 3], -1, 1, 'float32', 1) as tf.Tensor4D;
  trainStep(model, image);
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    trainStep(model, image);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const forward = performance.now();
  tf.tidy(() => void (model.predict(image) as tf.Tensor).dataSync());
  const forwardMs = performance.now() - forward;
  console.log(
    `${name} (${info.detail}): step ${times[2]!.toFixed(0)} ms, ${times[0]!.toFixed(0)} to ${times[4]!.toFixed(0)}; forward ${forwardMs.toFixed(0)} ms`,
  );
  if (name !== 'tensorflow') console.table(profileKernels(() => trainStep(model, image)).slice(0, 15));
  model.dispose();
  image.dispose();
}
