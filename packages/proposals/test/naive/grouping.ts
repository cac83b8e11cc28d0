import type { Similarity } from '../../src/index';

export interface NaiveImage {
  width: number;
  height: number;
  /** Bytes of each channel. */
  planes: Uint8Array[];
  /** textureBin(p, c, d): bin of pixel p, channel c, direction d. */
  textureBin(p: number, channel: number, direction: number): number;
}

/** L1-normalised histogram over the pixels of a region. */
function histogram(pixels: number[], bins: number, binsOf: (p: number) => number[]): number[] {
  const counts = Array.from({ length: bins }, () => 0);
  for (const p of pixels) for (const bin of binsOf(p)) counts[bin]!++;
  const sum = counts.reduce((a, b) => a + b, 0);
  return counts.map((c) => c / sum);
}

const intersection = (a: number[], b: number[]) => a.reduce((sum, v, i) => sum + Math.min(v, b[i]!), 0);

function boxOf(pixels: number[], width: number): [number, number, number, number] {
  const xs = pixels.map((p) => p % width);
  const ys = pixels.map((p) => Math.floor(p / width));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
}

/** The four similarities of IJCV 2013 §3.2, from the pixels of the two regions. */
export function naiveSimilarity(
  image: NaiveImage,
  a: number[],
  b: number[],
  names: readonly Similarity[],
): number {
  const { planes, width, height, textureBin } = image;
  const channels = planes.map((_, c) => c);
  const color = (pixels: number[]) =>
    histogram(pixels, 25 * planes.length, (p) =>
      channels.map((c) => 25 * c + Math.floor((planes[c]![p]! * 25) / 256)),
    );
  const texture = (pixels: number[]) =>
    histogram(pixels, 80 * planes.length, (p) =>
      channels.flatMap((c) => Array.from({ length: 8 }, (_, d) => 80 * c + 10 * d + textureBin(p, c, d))),
    );
  const [x1, y1, x2, y2] = boxOf([...a, ...b], width);
  const pixels = width * height;
  const values = {
    color: () => intersection(color(a), color(b)),
    texture: () => intersection(texture(a), texture(b)),
    size: () => 1 - (a.length + b.length) / pixels,
    fill: () => 1 - ((x2 - x1) * (y2 - y1) - a.length - b.length) / pixels,
  };
  return names.reduce((sum, name) => sum + values[name](), 0);
}

const touch = (a: number[], b: number[], width: number) => {
  const others = new Set(b);
  return a.some(
    (p) =>
      (p % width > 0 && others.has(p - 1)) ||
      (p % width < width - 1 && others.has(p + 1)) ||
      others.has(p - width) ||
      others.has(p + width),
  );
};

/** IJCV 2013 Algorithm 1 over lists of pixels; ties go to the pair whose later region is the earlier made, then the other. */
export function naiveGrouping(image: NaiveImage, labels: Int32Array, names: readonly Similarity[]) {
  const made: number[][] = [];
  labels.forEach((r, p) => (made[r] ??= []).push(p));
  const alive = new Set(made.keys());
  const similarities = new Map<string, { i: number; j: number; s: number }>();
  const compare = (i: number, j: number) => {
    if (touch(made[i]!, made[j]!, image.width))
      similarities.set(`${i} ${j}`, { i, j, s: naiveSimilarity(image, made[i]!, made[j]!, names) });
  };
  for (const j of alive) for (const i of alive) if (i < j) compare(i, j);
  let gap = Infinity; // between the best and the next: what rounding must not bridge
  while (similarities.size > 0) {
    const sorted = [...similarities.values()].sort((p, q) => q.s - p.s || p.j - q.j || p.i - q.i);
    const [best, second] = sorted;
    if (second && second.s !== best!.s) gap = Math.min(gap, best!.s - second.s);
    for (const [key, { i, j }] of similarities)
      if ([i, j].some((r) => r === best!.i || r === best!.j)) similarities.delete(key);
    alive.delete(best!.i);
    alive.delete(best!.j);
    const id = made.push([...made[best!.i]!, ...made[best!.j]!]) - 1;
    for (const i of alive) compare(i, id);
    alive.add(id);
  }
  return { boxes: made.flatMap((pixels) => boxOf(pixels, image.width)), gap };
}
