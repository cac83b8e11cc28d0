import type { RgbImage } from '@roikit/image';

/** Smoothing with clamped borders, in the single precision that the kernel has. */
function smooth(plane: number[], width: number, height: number, sigma: number): number[] {
  const radius = Math.ceil(4 * sigma);
  const weights = Array.from({ length: radius + 1 }, (_, t) =>
    t === 0 ? 1 : Math.exp(-(t * t) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((s, w, t) => s + (t === 0 ? w : 2 * w), 0);
  const half = weights.map((w) => Math.fround(w / sum));
  const clamp = (i: number, n: number) => Math.min(n - 1, Math.max(0, i));
  const pass = (at: (x: number, y: number, t: number) => number) =>
    Array.from({ length: width * height }, (_, i) => {
      const x = i % width;
      const y = Math.floor(i / width);
      let total = Math.fround(half[0]! * at(x, y, 0));
      for (let t = 1; t <= radius; t++)
        total = Math.fround(total + Math.fround(half[t]! * Math.fround(at(x, y, t) + at(x, y, -t))));
      return total;
    });
  const rows = pass((x, y, t) => plane[y * width + clamp(x + t, width)]!);
  return pass((x, y, t) => rows[clamp(y + t, height) * width + x]!);
}

interface Edge {
  a: number;
  b: number;
  weight: number;
}

function sortedEdges(planes: number[][], width: number, height: number): Edge[] {
  const edges: Edge[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const [dx, dy] of [
        [1, 0],
        [-1, 1],
        [0, 1],
        [1, 1],
      ] as const) {
        if (x + dx < 0 || x + dx >= width || y + dy >= height) continue;
        const a = y * width + x;
        const b = a + dy * width + dx;
        const squares = planes.reduce((s, p) => s + (p[a]! - p[b]!) ** 2, 0);
        edges.push({ a, b, weight: Math.round(Math.sqrt(squares) * 128) / 128 });
      }
    }
  }
  return edges.sort((p, q) => p.weight - q.weight); // stable
}

/** Int(C) by its definition: the heaviest edge of a minimum spanning tree of the component (Prim's algorithm). */
function internalDifference(members: Set<number>, edges: Edge[]): number {
  const inside = edges.filter(({ a, b }) => members.has(a) && members.has(b));
  const tree = new Set([members.values().next().value!]);
  let heaviest = 0;
  while (tree.size < members.size) {
    const lightest = inside.find(({ a, b }) => tree.has(a) !== tree.has(b))!; // edges are sorted
    tree.add(lightest.a).add(lightest.b);
    heaviest = Math.max(heaviest, lightest.weight);
  }
  return heaviest;
}

/** Felzenszwalb and Huttenlocher's Algorithm 1 from their definitions, over sets of pixels, then the small regions. */
export function naiveSegmentation(
  image: RgbImage,
  options: { scale: number; sigma: number; minSize: number },
): Int32Array {
  const { data, width, height } = image;
  const channels = data.length / (width * height);
  const planes = [0, 1, 2].map((c) => {
    const plane = Array.from({ length: width * height }, (_, p) => data[p * channels + c]!);
    return options.sigma > 0 ? smooth(plane, width, height, options.sigma) : plane;
  });
  const edges = sortedEdges(planes, width, height);
  const region = Array.from({ length: width * height }, (_, p) => new Set([p]));
  const limits = new Map<Set<number>, number>(region.map((r) => [r, options.scale]));
  const join = (a: Set<number>, b: Set<number>) => {
    const both = new Set([...a, ...b]);
    for (const p of both) region[p] = both;
    return both;
  };
  for (const { a, b, weight } of edges) {
    const A = region[a]!;
    const B = region[b]!;
    if (A === B || weight > limits.get(A)! || weight > limits.get(B)!) continue;
    const both = join(A, B);
    limits.set(both, Math.fround(internalDifference(both, edges) + Math.fround(options.scale / both.size)));
  }
  for (const { a, b } of edges) {
    const A = region[a]!;
    const B = region[b]!;
    if (A !== B && Math.min(A.size, B.size) < options.minSize) join(A, B);
  }
  const numbers = new Map<Set<number>, number>();
  return Int32Array.from(region, (r) => numbers.get(r) ?? (numbers.set(r, numbers.size), numbers.size - 1));
}
