import {
  engine,
  registerGradient,
  reshape,
  transpose,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { checkTensor, positiveInteger } from './check';
import { registerComposite } from './composite';

/**
 * ShuffleNet's channel shuffle (§3.1): channels as `[groups, n]`, transposed; channel i·n + j goes to j·groups + i. Its
 * inverse, and so its gradient, is the shuffle by n.
 *
 * @param x `[N, H, W, C]`, float32; `groups` divides C
 * @returns `[N, H, W, C]`
 */
export function channelShuffle(x: Tensor4D, { groups }: { groups: number }): Tensor4D {
  checkTensor('channelShuffle', 'x', x, { rank: 4, dtype: 'float32', layout: '[N, H, W, C]' });
  if (!positiveInteger(groups) || x.shape[3] % groups !== 0) {
    throw new RangeError(`channelShuffle: groups must divide the ${x.shape[3]} channels of x, got ${groups}`);
  }
  return engine().runKernel('ChannelShuffle', { x }, { groups });
}

registerComposite<{ x: Tensor4D }, { groups: number }>('ChannelShuffle', ({ x }, { groups }) => {
  const [n, h, w, channels] = x.shape;
  const grouped = reshape(x, [n * h * w, groups, channels / groups]);
  return reshape(transpose(grouped, [0, 2, 1]), x.shape);
});

registerGradient({
  kernelName: 'ChannelShuffle',
  gradFunc: (dy, _saved, attrs) => {
    const groups = (dy as Tensor4D).shape[3] / (attrs['groups'] as number);
    return { x: () => engine().runKernel('ChannelShuffle', { x: dy as Tensor }, { groups }) };
  },
});
