// Detection on an 800 × 1066 picture by torchvision's architectures, seeded weights: milliseconds of CPU (all threads) and
// of each stage. Its twin in torchvision: torchvision_bench.py; run both in turn.
// npx tsx --conditions=@roikit/source packages/detectors/bench/torchvision.bench.ts tensorflow [architecture …]
import { useEngine, type EngineName } from '@roikit/engine';
import { fromTorchvision } from '../src';
import { golden } from '../test/torchvisionGolden';
import { picture, seededState } from '../test/torchvisionWeights';

const RUNS = 5;
const [engine = 'tensorflow', ...wanted] = process.argv.slice(2);
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const info = await useEngine(engine as EngineName);
console.log(`${info.name} (${info.detail}), ${info.threads} threads`);
const image = picture('bench', [800, 1066]);

for (const architecture of wanted.length > 0 ? wanted : Object.keys(golden.nets)) {
  const detector = await fromTorchvision(seededState(golden.nets[architecture]!), { architecture });
  await detector.detect(image);
  const cpu: number[] = [];
  const stages: Record<string, number[]> = {};
  let found = 0;
  for (let i = 0; i < RUNS; i++) {
    const before = process.cpuUsage();
    const { timings, scores } = await detector.detect(image);
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1000);
    found = scores.length;
    for (const [stage, value] of Object.entries(timings)) (stages[stage] ??= []).push(value);
  }
  const parts = Object.entries(stages).map(([stage, values]) => `${stage} ${median(values).toFixed(0)}`);
  console.log(
    `${architecture}: ${median(cpu).toFixed(0)} ms of CPU (${Math.min(...cpu).toFixed(0)} to ${Math.max(...cpu).toFixed(0)}), ` +
      `${found} detections; wall: ${parts.join(', ')}`,
  );
  detector.dispose();
}
