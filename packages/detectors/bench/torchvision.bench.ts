// Detection on an 800 × 1066 picture, torchvision and roikit in turn in one run, the same seeded weights: wall time by
// stage, as a table for the README. Each sleeps while the other works.
// PYTHON=python3 npx tsx --conditions=@roikit/source packages/detectors/bench/torchvision.bench.ts [tensorflow] [architecture …]
// PYTHON has torch and torchvision; THREADS (2) is torch's; the native engine has one a core. ROUNDS (7).
import { useEngine, type EngineName } from '@roikit/engine';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fromTorchvision } from '../src';
import { golden } from '../test/torchvisionGolden';
import { picture, seededState } from '../test/torchvisionWeights';

const { PYTHON = 'python3', THREADS = '2', ROUNDS = '7' } = process.env;
const STAGES = ['transform', 'backbone', 'proposals', 'regions', 'head', 'postprocess', 'all'] as const;
const [engine = 'tensorflow', ...wanted] = process.argv.slice(2);
const architectures =
  wanted.length > 0 ? wanted : ['fasterrcnn_resnet50_fpn', 'fasterrcnn_mobilenet_v3_large_320_fpn'];

interface Measured {
  stages: Record<string, number>;
  cpu: number;
  found: number;
}

interface Contender {
  name: string;
  detect(): Promise<Measured>;
  close(): void;
}

/** torchvision in a process of its own: a line in, a detection out. */
async function torchvision(architecture: string): Promise<Contender> {
  const script = fileURLToPath(new URL('torchvision_bench.py', import.meta.url));
  const child = spawn(PYTHON, [script, architecture, THREADS], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = (await lines.next()) as { value?: string; done?: boolean };
    if (done || value === undefined) throw new Error(`${PYTHON} ${script} ended; see what it says above`);
    return JSON.parse(value) as unknown;
  };
  const versions = (await next()) as { torch: string; torchvision: string };
  return {
    name: `torchvision ${versions.torchvision} (torch ${versions.torch}, ${THREADS} threads)`,
    detect: async () => {
      child.stdin.write('\n');
      return (await next()) as Measured;
    },
    close: () => child.stdin.end(),
  };
}

async function roikit(architecture: string): Promise<Contender> {
  const detector = await fromTorchvision(seededState(golden.nets[architecture]!), { architecture });
  const image = picture('bench', [800, 1066]);
  return {
    name: `roikit (${info.name}: ${info.detail}, ${info.threads} threads)`,
    detect: async () => {
      const [start, before] = [performance.now(), process.cpuUsage()];
      const { timings, scores } = await detector.detect(image);
      const all = performance.now() - start;
      const { user, system } = process.cpuUsage(before);
      return { stages: { ...timings, all }, cpu: (user + system) / 1000, found: scores.length };
    },
    close: () => detector.dispose(),
  };
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function compare(architecture: string): Promise<void> {
  const contenders = [await torchvision(architecture), await roikit(architecture)];
  const results = contenders.map((): Measured[] => []);
  for (let round = -1; round < Number(ROUNDS); round++) {
    for (const [i, contender] of contenders.entries()) {
      await sleep(200); // threads that spin for more work go to sleep
      const measured = await contender.detect();
      if (round >= 0) results[i]!.push(measured); // the first makes kernels and folds weights
    }
  }
  for (const { close } of contenders) close();
  const row = (name: string, of: (one: Measured) => number) => {
    const [a, b] = results.map((some) => median(some.map(of))) as [number, number];
    return `| ${name} | ${a.toFixed(0)} | ${b.toFixed(0)} | ${(b / a).toFixed(2)} |`;
  };
  console.log(`\n${architecture}: ${contenders.map(({ name }) => name).join(' and ')}, median of ${ROUNDS}`);
  console.log(`found: ${results.map((some) => some[0]!.found).join(' and ')}\n`);
  console.log('| milliseconds | torchvision | roikit | ratio |\n| --- | --- | --- | --- |');
  for (const stage of STAGES) console.log(row(stage, ({ stages }) => stages[stage] ?? 0));
  console.log(row('all, CPU', ({ cpu }) => cpu));
}

const info = await useEngine(engine as EngineName);
for (const architecture of architectures) await compare(architecture);
