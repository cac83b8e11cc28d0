// Gradients of convolutions on wasm as a share of the forward convolution's speed, in one run:
// npx tsx --conditions=@roikit/source bench/gradients.bench.ts
import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from '../src/index';

const info = await useEngine('wasm');
console.log(`${info.name} ${info.version}, ${info.detail}, ${info.threads} thread`);

/** Times each function in turn, 15 rounds after half a second of warm-up, so that a disturbance meets all of them. */
function interleaved(functions: (() => tf.Tensor)[]): { median: number; best: number }[] {
  const times = functions.map((): number[] => []);
  for (const f of functions) {
    // V8 compiles a wasm function well only after it has seen it run for a while.
    for (const end = performance.now() + 500; performance.now() < end;) f().dispose();
  }
  for (let round = 0; round < 15; round++) {
    functions.forEach((f, i) => {
      const start = performance.now();
      f().dispose();
      times[i]!.push(performance.now() - start);
    });
  }
  return times.map((all) => ({ median: all.sort((a, b) => a - b)[7]!, best: all[0]! }));
}

const shapes: [number, number, number, number][] = [
  // side, channels in, channels out, stride
  [112, 64, 64, 1],
  [56, 128, 128, 1],
  [28, 256, 256, 1],
  [14, 512, 512, 1],
  [56, 64, 256, 1],
  [56, 128, 128, 2],
];
const kinds = ['conv2d', 'depthwiseConv2d'] as const;
for (const kind of kinds) {
  const rows = shapes
    .filter(([, cin, cout]) => kind === 'conv2d' || cin === cout)
    .map(([side, cin, cout, stride]) => {
      const filterShape: [number, number, number, number] =
        kind === 'conv2d' ? [3, 3, cin, cout] : [3, 3, cin, 1];
      const x = tf.randomNormal([1, side, side, cin]) as tf.Tensor4D;
      const filter = tf.randomNormal(filterShape) as tf.Tensor4D;
      const op = kind === 'conv2d' ? tf.conv2d : (tf.depthwiseConv2d as typeof tf.conv2d);
      const forward = () => op(x, filter, stride, 'same');
      const dy = tf.tidy(() => tf.onesLike(forward()));
      const [prefix, attrs] =
        kind === 'conv2d'
          ? ['Conv2DBackprop', { dataFormat: 'NHWC' }]
          : ['DepthwiseConv2dNativeBackprop', { dilations: 1 }];
      const common = { ...attrs, strides: stride, pad: 'same' };
      const run = (name: string, inputs: object, more: object) =>
        tf
          .engine()
          .runKernel(
            prefix + name,
            inputs as tf.NamedTensorMap,
            { ...common, ...more } as never,
          ) as tf.Tensor;
      const byFilter = () => run('Filter', { x, dy }, { filterShape });
      const byInput = () => run('Input', { dy, filter }, { inputShape: x.shape });
      const operations = (2 * dy.size * 9 * (kind === 'conv2d' ? cin : 1)) / 1e6;
      const [f, w, i] = interleaved([forward, byFilter, byInput]);
      tf.dispose([x, filter, dy]);
      return {
        shape: `${side}²×${cin}→${cout}/${stride}`,
        'forward GFLOP/s': (operations / f!.median).toFixed(1),
        'weights GFLOP/s': (operations / w!.median).toFixed(1),
        'input GFLOP/s': (operations / i!.median).toFixed(1),
        'weights, % of forward': Math.round((100 * f!.median) / w!.median),
        'input, % of forward': Math.round((100 * f!.median) / i!.median),
        'best, %': `${Math.round((100 * f!.best) / w!.best)}, ${Math.round((100 * f!.best) / i!.best)}`,
      };
    });
  console.log(kind);
  console.table(rows);
}
