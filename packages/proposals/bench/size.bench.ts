// Time and peak memory by image size, one process a size: npx tsx --conditions=@roikit/source bench/size.bench.ts PHOTO.jpg
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { selectiveSearch } from '../src/index';
import type { SelectiveSearchMode } from '../src/index';

const [photo, megapixels, mode] = process.argv.slice(2);

async function one(path: string, mpix: number, mode: SelectiveSearchMode) {
  const { width = 1, height = 1 } = await sharp(path).metadata();
  const scale = Math.sqrt((mpix * 1e6) / (width * height));
  const { data, info } = await sharp(path)
    .resize(Math.round(width * scale))
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const image = { data, width: info.width, height: info.height };
  const before = process.memoryUsage.rss();
  const cpu = process.cpuUsage();
  const { scores } = selectiveSearch(image, { mode });
  const { user, system } = process.cpuUsage(cpu);
  const peak = process.resourceUsage().maxRSS * 1024 - before;
  const perPixel = (peak / (info.width * info.height)).toFixed(0);
  console.log(
    `${mode}, ${mpix} Mpix: ${((user + system) / 1e6).toFixed(2)} s of CPU, ${scores.length} boxes, ` +
      `${(peak / 2 ** 20).toFixed(0)} MiB more at the peak (${perPixel} bytes a pixel)`,
  );
}

if (megapixels !== undefined) await one(photo!, Number(megapixels), mode as SelectiveSearchMode);
else
  for (const [mpix, name] of [
    [0.3, 'fast'],
    [2.4, 'fast'],
    [20, 'single'],
    [20, 'fast'],
  ] as const) {
    const args = [
      'tsx',
      '--conditions=@roikit/source',
      fileURLToPath(import.meta.url),
      photo!,
      String(mpix),
      name,
    ];
    spawnSync('npx', args, { stdio: 'inherit' });
  }
