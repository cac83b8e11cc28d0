// Times selectiveSearch on a list of photos and writes its boxes, ranked with several seeds: what compare_opencv.py scores.
//   npx tsx --conditions=@roikit/source bench/proposeList.ts LIST.json DATA MODE OUT.json [SEEDS]
import { mulberry32 } from '@roikit/geometry';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { runStrategies } from '../src/runStrategies';
import { planSearch } from '../src/selectiveSearch';
import type { SelectiveSearchMode } from '../src/index';

const [list, folder, mode, out, seeds = '1'] = process.argv.slice(2);
const entries: { path: string; width?: number }[] = JSON.parse(readFileSync(list!, 'utf8'));

async function decode({ path, width }: { path: string; width?: number }) {
  const photo = sharp(join(folder!, path)).autoOrient().removeAlpha().toColourspace('srgb');
  const sized = width === undefined ? photo : photo.resize({ width });
  const { data, info } = await sized.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

function search(image: Awaited<ReturnType<typeof decode>>) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const plan = planSearch('bench', image, { mode: mode as SelectiveSearchMode, random: mulberry32(1) });
  const runs = runStrategies(plan.image, plan.strategies);
  const first = plan.rank(runs);
  const ms = performance.now() - start;
  const used = process.cpuUsage(cpu);
  const others = Array.from({ length: Number(seeds) - 1 }, (_, i) =>
    planSearch('bench', image, { random: mulberry32(2 + i) }).rank(runs),
  );
  return { ms, cpu_ms: (used.user + used.system) / 1000, proposals: [first, ...others] };
}

const rows = [];
search(await decode(entries[0]!)); // warm-up: the peer gets one too
for (const entry of entries) {
  const { ms, cpu_ms, proposals } = search(await decode(entry));
  const boxes = proposals.map(({ boxes }) =>
    Array.from({ length: boxes.length / 4 }, (_, i) => [...boxes.subarray(4 * i, 4 * i + 4)]),
  );
  rows.push({ path: entry.path, ms, cpu_ms, boxes });
}
writeFileSync(out!, JSON.stringify(rows));
