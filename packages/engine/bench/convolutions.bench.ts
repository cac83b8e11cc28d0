// What the two gradients of every convolution of the bench's nets cost on webgpu, as multiples of its forward pass:
//   npx tsx --conditions=@roikit/source bench/convolutions.bench.ts [--full] [part of a name, as ×3→]
// On a software GPU times are of the CPU, which other work on the machine does not change, and maps are a quarter as
// large unless --full is said. Operations are equal: each gradient has its forward's.
import { useEngine } from '../src/index';
import { useSoftwareGpu } from '../test/webgpuInNode';
import { timeGradients, type GradientCost } from './gpu/gradients';
import { efforts, Stopwatch } from './gpu/timing';

useSoftwareGpu();
const { detail, gpu } = await useEngine('webgpu');
const isFull = process.argv.includes('--full') || !gpu!.isSoftware;
const shrink = (side: number) => (isFull ? side : Math.max(Math.min(side, 7), Math.ceil(side / 2)));

const rounded = (ms: number): string => ms.toPrecision(3);

function row({ name, megaflop, forward, byFilter, byInput }: Omit<GradientCost, 'net'>): string {
  const ratios = [byFilter, byInput].map((ms) => (ms / forward).toFixed(1));
  const cells = [name, megaflop, ...[forward, byFilter, byInput].map(rounded), ...ratios];
  return `| ${cells.join(' | ')} |`;
}

console.log(`${detail}, ${gpu!.isSoftware ? 'ms of the CPU' : 'ms'}${isFull ? '' : ', maps of a quarter'}`);
const wanted = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
const costs = await timeGradients(shrink, new Stopwatch(efforts.full, gpu!.isSoftware), wanted);
for (const net of new Set(costs.map((cost) => cost.net))) {
  const own = costs.filter((cost) => cost.net === net);
  const sum = (key: 'megaflop' | 'forward' | 'byFilter' | 'byInput') =>
    own.reduce((total, cost) => total + cost[key], 0);
  console.log(`\n| ${net} | MFLOP | forward | by filter | by input | filter ÷ forward | input ÷ forward |`);
  console.log('|---|--:|--:|--:|--:|--:|--:|');
  for (const cost of own) console.log(row(cost));
  const all = { megaflop: sum('megaflop'), byFilter: sum('byFilter'), byInput: sum('byInput') };
  console.log(row({ name: 'all', ...all, forward: sum('forward') }));
}
