import { useEngine, type EngineName } from '@roikit/engine';
import type { RgbImage } from '@roikit/image';
import { readImage } from '@roikit/image/node';
import { basename } from 'node:path';
import type { GeneralizedRCNN } from '../src/index';
import { loadDetector } from '../src/node';

// Detection of the same pictures by several detectors, everything included (also selective search), A B A B:
// npx tsx --conditions=@roikit/source packages/detectors/bench/detect.bench.ts ENGINE PICTURE[,PICTURE…] DETECTOR…
// Prints medians a picture: CPU time, which means something on a busy machine too, and wall time; of both what is left
// without proposals, as the papers count.

/** 1 for detectors that take minutes. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const [engine = 'wasm', pictures = '', ...folders] = process.argv.slice(2);

await useEngine(engine as EngineName);
const images = await Promise.all(pictures.split(',').map((file) => readImage(file)));
const detectors = await Promise.all(folders.map((folder) => loadDetector(folder)));
type Times = { cpu: number; wall: number };

/** Milliseconds of one detection, and of its proposals. */
async function measure(
  detector: GeneralizedRCNN,
  image: RgbImage,
): Promise<{ all: Times; proposals: Times }> {
  const all = stopwatch();
  let stage = stopwatch();
  let proposals = { cpu: 0, wall: 0 };
  for await (const { type } of detector.stages(image)) {
    if (type === 'proposals') proposals = stage();
    stage = stopwatch();
  }
  return { all: all(), proposals };
}

function stopwatch(): () => Times {
  const [before, start] = [process.cpuUsage(), performance.now()];
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { cpu: (user + system) / 1000, wall: performance.now() - start };
  };
}

const measured = detectors.map((): Awaited<ReturnType<typeof measure>>[] => []);
for (let round = -1; round < ROUNDS; round++) {
  for (const image of images) {
    for (const [i, detector] of detectors.entries()) {
      const times = await measure(detector, image);
      if (round >= 0) measured[i]!.push(times); // the first is a warm-up: kernels and folded weights are made
    }
  }
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
for (const [i, { config }] of detectors.entries()) {
  const line = (['cpu', 'wall'] as const).map((kind) => {
    const whole = median(measured[i]!.map(({ all }) => all[kind])).toFixed(0);
    const rest = median(measured[i]!.map(({ all, proposals }) => all[kind] - proposals[kind])).toFixed(0);
    return `${whole} ms ${kind}, ${rest} without proposals`;
  });
  console.log(`${config.type.padEnd(12)} ${line.join('; ')}   ${basename(folders[i]!)}`);
}
