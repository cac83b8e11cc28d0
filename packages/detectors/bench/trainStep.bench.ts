// One training step of recipes/bccd.json (two 640×480 images, 64 regions each) on every engine that is usable here, in turn.
// npx tsx --conditions=@roikit/source packages/detectors/bench/trainStep.bench.ts
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { useEngine } from '@roikit/engine';
import { mulberry32 } from '@roikit/geometry';
import { createDetector } from '../src';
import { sampleRegions } from '@roikit/heads';
import { gradientStep, Optimizer } from '@roikit/training';
import { augment } from '../src/training/augment';
import { multiTaskLosses } from '../src/training/multiTaskPhase';
import { scene } from './scene';

const RUNS = 20;

async function measure(engine: 'tensorflow' | 'wasm'): Promise<void> {
  const info = await useEngine(engine).catch((error: Error) => error);
  if (info instanceof Error) return console.log(`SKIPPED ${engine}: ${info.message.split('\n')[0]}`);
  const random = mulberry32(1);
  const detector = createDetector({
    type: 'fast-rcnn',
    classes: ['RBC', 'WBC', 'Platelets'],
    backbone: { name: 'squeezenet1_1', layers: ['features.7', 'features.12'], frozenThrough: 'features.5' },
    neck: { channels: 96 },
    transform: { minSize: 480, maxSize: 640 },
    head: { hidden: [512] },
    random,
  });
  const variables = detector.variables();
  const optimizer = new Optimizer([{ variables, factor: 0.2 }], { type: 'adamw', clipNorm: 10 });
  const { coder } = detector.parts;
  const batch = [scene(random), scene(random)];
  const times: number[] = [];
  for (let run = -2; run < RUNS; run++) {
    const started = performance.now();
    const inputs = batch.map((original) => {
      const { sample, proposals } = augment(original, {}, random);
      return { image: sample.image, targets: sampleRegions(proposals, sample.truth, { coder, random }) };
    });
    const step = { learningRate: 1e-4, where: () => 'the bench' };
    await gradientStep(optimizer, () => multiTaskLosses(detector, inputs), step);
    if (run >= 0) times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const [median, low, high] = [times[RUNS / 2]!, times[0]!, times.at(-1)!].map((ms) => ms.toFixed(0));
  console.log(
    `${engine} (${info.detail}, ${info.threads} threads): ${median} ms a step, median of ${RUNS} (${low}–${high})`,
  );
  optimizer.dispose();
  detector.dispose();
}

// A process each, as a user's run is one: an engine started after another is slower.
const engine = process.argv[2] as 'tensorflow' | 'wasm' | undefined;
if (engine !== undefined) await measure(engine);
else {
  const script = fileURLToPath(import.meta.url);
  for (const name of ['wasm', 'tensorflow', 'wasm', 'tensorflow'])
    spawnSync(process.execPath, [...process.execArgv, script, name], { stdio: 'inherit' });
}
