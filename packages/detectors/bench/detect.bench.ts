import { useEngine, type EngineName } from '@roikit/engine';
import { readImage } from '@roikit/image/node';
import { basename } from 'node:path';
import { loadDetector } from '../src/node';

// Detection of the same pictures by several detectors, everything included (also selective search), A B A B:
// npx tsx --conditions=@roikit/source packages/detectors/bench/detect.bench.ts ENGINE PICTURE[,PICTURE…] DETECTOR…
// Prints the median of CPU and of wall time a picture: the first means something on a busy machine too.

const ROUNDS = 5;
const [engine = 'wasm', pictures = '', ...folders] = process.argv.slice(2);

await useEngine(engine as EngineName);
const images = await Promise.all(pictures.split(',').map((file) => readImage(file)));
const detectors = await Promise.all(folders.map((folder) => loadDetector(folder)));
const cpu = detectors.map((): number[] => []);
const wall = detectors.map((): number[] => []);

for (let round = -1; round < ROUNDS; round++) {
  for (const image of images) {
    for (const [i, detector] of detectors.entries()) {
      const [before, start] = [process.cpuUsage(), performance.now()];
      await detector.detect(image);
      const { user, system } = process.cpuUsage(before);
      if (round < 0) continue; // warm-up: kernels and folded weights are made
      cpu[i]!.push((user + system) / 1000);
      wall[i]!.push(performance.now() - start);
    }
  }
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
for (const [i, { config }] of detectors.entries()) {
  const [cpuTime, wallTime] = [median(cpu[i]!), median(wall[i]!)].map((ms) => ms.toFixed(0));
  console.log(`${config.type.padEnd(12)} ${cpuTime} ms CPU, ${wallTime} ms wall   ${basename(folders[i]!)}`);
}
