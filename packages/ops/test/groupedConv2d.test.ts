import { useEngine } from '@roikit/engine';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { groupedConv2d, type GroupedConv2dOptions } from '../src';
import { nodeBackends } from './backends';
import { maxError, upstream } from './compare';
import { seeded } from './random';

interface Case {
  x: [number, number, number, number];
  kernel: [number, number];
  outputs: number;
  options: Required<GroupedConv2dOptions>;
}

const cases: Case[] = [
  { x: [2, 6, 7, 6], kernel: [3, 3], outputs: 9, options: { groups: 3, strides: 1, pad: 'same' } },
  { x: [1, 9, 8, 8], kernel: [3, 2], outputs: 8, options: { groups: 8, strides: [2, 1], pad: 'valid' } },
  { x: [2, 7, 7, 4], kernel: [5, 5], outputs: 6, options: { groups: 2, strides: 2, pad: 2 } },
  { x: [1, 4, 5, 80], kernel: [1, 1], outputs: 40, options: { groups: 20, strides: 1, pad: 'valid' } },
  { x: [1, 5, 4, 70], kernel: [3, 3], outputs: 4, options: { groups: 2, strides: 1, pad: 1 } },
  { x: [1, 5, 6, 3], kernel: [3, 3], outputs: 2, options: { groups: 1, strides: 2, pad: 'same' } },
];

interface Sums {
  y: Float64Array;
  dx: Float64Array;
  dFilter: Float64Array;
}

/** Rows or columns of zeros before x, and the output's side: TensorFlow's 'same' and 'valid', or a number. */
function padding(
  side: number,
  kernel: number,
  stride: number,
  pad: number | 'same' | 'valid',
): [number, number] {
  if (pad !== 'same')
    return [
      pad === 'valid' ? 0 : pad,
      Math.floor((side + 2 * Number(pad === 'valid' ? 0 : pad) - kernel) / stride) + 1,
    ];
  const out = Math.ceil(side / stride);
  return [Math.floor(Math.max((out - 1) * stride + kernel - side, 0) / 2), out];
}

/** Grouped convolution and both its gradients by nested loops. */
function twin(
  { x: [n, h, w, cin], kernel: [kh, kw], outputs, options }: Case,
  x: Float32Array,
  filter: Float32Array,
): Sums {
  const { groups, strides, pad } = options;
  const [sy, sx] = typeof strides === 'number' ? [strides, strides] : strides;
  const [top, oh] = padding(h, kh, sy, pad);
  const [left, ow] = padding(w, kw, sx, pad);
  const c = cin / groups;
  const y = new Float64Array(n * oh * ow * outputs);
  const dx = new Float64Array(x.length);
  const dFilter = new Float64Array(filter.length);
  const dy = tf.tidy(() => upstream([y.length]).dataSync());
  let at = 0;
  for (let b = 0; b < n; b++) {
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        for (let o = 0; o < outputs; o++, at++) {
          const group = Math.floor(o / (outputs / groups));
          for (let ky = 0; ky < kh; ky++) {
            for (let kx = 0; kx < kw; kx++) {
              const [iy, ix] = [oy * sy + ky - top, ox * sx + kx - left];
              if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
              for (let i = 0; i < c; i++) {
                const xi = ((b * h + iy) * w + ix) * cin + group * c + i;
                const fi = ((ky * kw + kx) * c + i) * outputs + o;
                y[at]! += x[xi]! * filter[fi]!;
                dx[xi]! += dy[at]! * filter[fi]!;
                dFilter[fi]! += dy[at]! * x[xi]!;
              }
            }
          }
        }
      }
    }
  }
  return { y, dx, dFilter };
}

function randomInput({ x, kernel, outputs, options }: Case): [tf.Tensor4D, tf.Tensor4D] {
  const random = seeded(1);
  const fill = (shape: [number, number, number, number]) =>
    tf.tensor4d(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * random() - 1),
      shape,
    );
  return [fill(x), fill([...kernel, x[3] / options.groups, outputs])];
}

/** Largest differences of the output and both gradients from the twin's, and the tensors left over. */
async function compare(one: Case): Promise<{ errors: number[]; leaked: number }> {
  const before = tf.memory().numTensors;
  const [x, filter] = randomInput(one);
  const expected = twin(one, x.dataSync() as Float32Array, filter.dataSync() as Float32Array);
  const run = (x: tf.Tensor, filter: tf.Tensor) =>
    groupedConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, one.options);
  const y = run(x, filter);
  const dy = upstream(y.shape);
  const [dx, dFilter] = tf.grads(run)([x, filter], dy) as [tf.Tensor, tf.Tensor];
  const errors = [
    maxError(await y.data(), expected.y),
    maxError(await dx.data(), expected.dx),
    maxError(await dFilter.data(), expected.dFilter),
  ];
  tf.dispose([x, filter, y, dy, dx, dFilter]);
  return { errors, leaked: tf.memory().numTensors - before };
}

const backends = await nodeBackends();

describe.each(backends)('groupedConv2d on %s', (backend) => {
  beforeAll(async () => {
    await useEngine(backend);
  });

  it.each(cases)('agrees with the naive twin, and so do both gradients: $x $options', async (one) => {
    const { errors, leaked } = await compare(one);
    expect(Math.max(...errors)).toBeLessThan(1e-4);
    expect(leaked).toBe(0);
  });
});

describe.skipIf(!backends.includes('tensorflow'))('groupedConv2d on a tensorflow without it', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(cases.slice(0, 2))('still agrees with the naive twin: $x $options', async (one) => {
    await useEngine('tensorflow');
    const backend = tf.backend() as unknown as {
      executeSingleOutput(op: string, ...rest: unknown[]): tf.Tensor;
    };
    const original = backend.executeSingleOutput.bind(backend);
    const refused = new Set<string>();
    vi.spyOn(backend, 'executeSingleOutput').mockImplementation((op, ...rest) => {
      if (!op.startsWith('Conv2D') || refused.has(op)) return original(op, ...rest);
      refused.add(op);
      throw new Error(`${op}: not supported on CPU`);
    });
    const { errors, leaked } = await compare(one);
    expect(Math.max(...errors)).toBeLessThan(1e-4);
    expect(leaked).toBe(0);
    expect([...refused].toSorted()).toEqual(['Conv2D', 'Conv2DBackpropFilter', 'Conv2DBackpropInput']);
  });
});

describe('groupedConv2d says what is wrong', () => {
  const call =
    (x: number[], filter: number[], options: GroupedConv2dOptions, dtype: 'float32' | 'int32' = 'float32') =>
    () =>
      tf.tidy(() =>
        groupedConv2d(
          tf.zeros(x as Case['x'], dtype) as tf.Tensor4D,
          tf.zeros(filter as Case['x']) as tf.Tensor4D,
          options,
        ),
      );

  it.each<[string, () => tf.Tensor, RegExp]>([
    ['rank of x', call([4, 4, 4], [3, 3, 2, 4], { groups: 2 }), /x must be \[N, H, W, Cin\]/],
    [
      'rank of filter',
      call([1, 4, 4, 4], [3, 3, 2], { groups: 2 }),
      /filter must be \[h, w, Cin \/ groups, Cout\]/,
    ],
    ['dtype', call([1, 4, 4, 4], [3, 3, 2, 4], { groups: 2 }, 'int32'), /x must be float32, got int32/],
    [
      'groups and outputs',
      call([1, 4, 4, 4], [3, 3, 2, 5], { groups: 2 }),
      /groups must divide the 5 outputs of filter, got 2/,
    ],
    [
      'groups and inputs',
      call([1, 4, 4, 6], [3, 3, 2, 4], { groups: 2 }),
      /filter must have Cin \/ groups = 6 \/ 2/,
    ],
    ['groups below one', call([1, 4, 4, 4], [3, 3, 4, 4], { groups: -1 }), /groups must divide/],
    [
      'strides',
      call([1, 4, 4, 4], [3, 3, 2, 4], { groups: 2, strides: 0 }),
      /strides must be one or two positive integers, got 0/,
    ],
    [
      'pad',
      call([1, 4, 4, 4], [3, 3, 2, 4], { groups: 2, pad: -1 }),
      /pad must be 'same', 'valid' or a whole number/,
    ],
  ])('%s', (_what, run, message) => {
    expect(run).toThrow(message);
  });
});
