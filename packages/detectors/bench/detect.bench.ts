import { useEngine, type EngineName } from '@roikit/engine';
import { readImage } from '@roikit/image/node';
import { basename } from 'node:path';
import { loadDetector } from '../src/node';

// Detection of the same pictures by several detectors, everything included (also selective search), A B A B:
// npx tsx --conditions=@roikit/source packages/detectors/bench/detect.bench.ts ENGINE PICTURE[,PICTURE…] DETECTOR…
// Prints medians a picture: CPU time, which means something on a busy machine too, wall time, and of it what is left without
// proposals, as the papers count.

/** 1 for detectors that take minutes. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const [engine = 'wasm', pictures = '', ...folders] = process.argv.slice(2);

await useEngine(engine as EngineName);
const images = await Promise.all(pictures.split(',').map((file) => readImage(file)));
const detectors = await Promise.all(folders.map((folder) => loadDetector(folder)));
const cpu = detectors.map((): number[] => []);
const wall = detectors.map((): number[] => []);
const without = detectors.map((): number[] => []);

for (let round = -1; round < ROUNDS; round++) {
  for (const image of images) {
    for (const [i, detector] of detectors.entries()) {
      const [before, start] = [process.cpuUsage(), performance.now()];
      const { timings } = await detector.detect(image);
      const { user, system } = process.cpuUsage(before);
      if (round < 0) continue; // warm-up: kernels and folded weights are made
      cpu[i]!.push((user + system) / 1000);
      wall[i]!.push(performance.now() - start);
      const { proposals: _, ...rest } = timings;
      without[i]!.push(Object.values(rest).reduce((a, b) => a + b, 0));
    }
  }
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
for (const [i, { config }] of detectors.entries()) {
  const [cpuTime, wallTime, rest] = [cpu, wall, without].map((times) => median(times[i]!).toFixed(0));
  console.log(
    `${config.type.padEnd(12)} ${cpuTime} ms CPU, ${wallTime} ms wall, ${rest} without proposals   ${basename(folders[i]!)}`,
  );
}
