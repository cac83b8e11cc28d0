// Images a second of one and two worker threads: npx tsx --conditions=@roikit/source bench/pool.bench.ts FOLDER [IMAGES]
// FOLDER holds JPEG photos. Both pools take turns, so that other work on the machine disturbs them alike.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { selectiveSearchPool } from '../src/node';

const [folder, count = '24'] = process.argv.slice(2);
const names = readdirSync(folder!)
  .filter((name) => /\.jpe?g$/i.test(name))
  .sort()
  .slice(0, Number(count));
const images = await Promise.all(
  names.map(async (name) => {
    const { data, info } = await sharp(join(folder!, name))
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  }),
);

const pools = [1, 2].map((workers) => selectiveSearchPool({ workers }));
const rates: number[][] = [[], []];
for (let round = 0; round < 6; round++) {
  for (const [i, pool] of pools.entries()) {
    const start = performance.now();
    let boxes = 0;
    for await (const { scores } of pool.selectiveSearchAll(images)) boxes += scores.length;
    if (boxes === 0) throw new Error('no boxes');
    if (round > 0) rates[i]!.push((1000 * images.length) / (performance.now() - start)); // the first round warms up
  }
}
await Promise.all(pools.map((pool) => pool.close()));
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
for (const [i, values] of rates.entries())
  console.log(
    `${i + 1} worker(s): ${median(values).toFixed(2)} images/s (${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)})`,
  );
console.log(
  `two against one: ${median(rates[1]!.map((rate, i) => rate / rates[0]![i]!)).toFixed(2)} (median of the rounds)`,
);
