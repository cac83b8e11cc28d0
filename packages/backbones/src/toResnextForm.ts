import type { StateDict, StateTensor } from '@roikit/weights';
import { toFloat32 } from '@roikit/weights';
import type { KernelShape } from './layout';
import type { ResnextForm } from './resnext';

/** Output channels `start` to `start + count` of an `[out, …]` array. */
function outputs(
  { shape, data }: { shape: number[]; data: Float32Array },
  start: number,
  count: number,
): StateTensor {
  const perOutput = data.length / shape[0]!;
  const slice = data.slice(start * perOutput, (start + count) * perOutput);
  return { dtype: 'float32', shape: [count, ...shape.slice(1)], data: slice };
}

/** Input channels `start` to `start + count` of a 1×1 kernel `[out, in, 1, 1]`. */
function inputs(
  { shape, data }: { shape: number[]; data: Float32Array },
  start: number,
  count: number,
): StateTensor {
  const [out, all] = shape as KernelShape;
  const slice = new Float32Array(out * count);
  for (let o = 0; o < out; o++) slice.set(data.subarray(o * all + start, o * all + start + count), o * count);
  return { dtype: 'float32', shape: [out, count, 1, 1], data: slice };
}

/**
 * The weights of a grouped ResNeXt for one of the equivalent forms of the paper's Fig. 3: each path takes its group's
 * share of the first two convolutions and their batch norms, and, where paths are summed, of the last convolution.
 *
 * @param cardinality number of groups, such as 32.
 */
export function toResnextForm(
  stateDict: StateDict,
  { form, cardinality }: { form: ResnextForm; cardinality: number },
): StateDict {
  if (form === 'grouped') return stateDict;
  const result: StateDict = new Map();
  for (const [key, tensor] of stateDict) {
    const [, block, part = ''] = /^(layer\d\.\d+)\.((?:conv|bn)[12]\..*|conv3\.weight)$/.exec(key) ?? [];
    const whole = part === 'conv3.weight' && form === 'concatenated';
    if (!block || whole || part.endsWith('num_batches_tracked')) {
      result.set(key, tensor);
      continue;
    }
    const array = { shape: tensor.shape, data: toFloat32(tensor) };
    const last = part === 'conv3.weight';
    const width = tensor.shape[last ? 1 : 0]! / cardinality;
    for (let path = 0; path < cardinality; path++) {
      const share = last ? inputs(array, path * width, width) : outputs(array, path * width, width);
      result.set(`${block}.paths.${path}.${part}`, share);
    }
  }
  return result;
}
