import * as tf from '@tensorflow/tfjs-core';
import { fuse, resnet50, squeezenet1_1 } from '../../../backbones/src/index';
import type { Shrink } from './kernels';
import type { Stopwatch, Timing } from './timing';

const networks = { 'ResNet-50': resnet50, 'SqueezeNet 1.1': squeezenet1_1 };

/** Fused networks at 224×224, batches of 1 and 8. */
export async function timeNetworks(shrink: Shrink, watch: Stopwatch): Promise<Timing[]> {
  const timings: Timing[] = [];
  for (const [name, create] of Object.entries(networks)) {
    const side = shrink(224);
    const model = create({ inputShape: [side, side, 3] });
    const fused = fuse(model);
    for (const batch of [1, 8]) {
      const images = tf.randomUniform([batch, side, side, 3], -1, 1, 'float32', 1) as tf.Tensor4D;
      timings.push(await watch.time(`${name} fused, batch ${batch}`, () => fused.predict(images)));
      images.dispose();
    }
    fused.dispose();
    model.dispose();
  }
  return timings;
}
