import { useEngine } from '@roikit/engine';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { channelShuffle, groupedConv2d, normalizeImage } from '../../src';
import { channelShuffleCase, groupedConvCase, regionOp, type RegionCase } from '../cases';
import { upstream } from '../compare';
import { imageOf, type ImageCase } from '../imageCases';

export interface Result {
  shape: number[];
  output: number[];
  gradient: number[];
  /** Tensors and pieces of GPU data left over. */
  leaked: number;
}

async function evaluate(op: (x: tf.Tensor4D) => tf.Tensor, x: tf.Tensor4D): Promise<Omit<Result, 'leaked'>> {
  const y = op(x);
  const dy = upstream(y.shape);
  const dx = tf.grad((v) => op(v as tf.Tensor4D))(x, dy);
  const result = { shape: y.shape, output: [...(await y.data())], gradient: [...(await dx.data())] };
  tf.dispose([y, dy, dx]);
  return result;
}

const held = (): number => tf.memory().numTensors + tf.engine().backend.numDataIds();

const page = {
  /** The backend in use, or why there is none. */
  async start(name: 'webgl' | 'webgpu'): Promise<string> {
    try {
      await useEngine(name);
      return tf.getBackend();
    } catch (error) {
      return String(error);
    }
  },
  async region({ op, options, shape, features, boxes, boxIndices }: RegionCase): Promise<Result> {
    const before = held();
    const x = tf.tensor4d(features, shape);
    const b = tf.tensor2d(boxes, [boxIndices.length, 4]);
    const i = tf.tensor1d(boxIndices, 'int32');
    const result = await evaluate((v) => regionOp(op, options)(v, b, i), x);
    tf.dispose([x, b, i]);
    return { ...result, leaked: held() - before };
  },
  /** What 100 forward and backward runs leave behind. */
  async leakedByMany(input: RegionCase): Promise<number> {
    const before = held();
    for (let i = 0; i < 100; i++) await page.region(input);
    return held() - before;
  },
  async groupedConv(): Promise<Result> {
    const before = held();
    const { x, filter, options } = groupedConvCase();
    const result = await evaluate((v) => groupedConv2d(v, filter, options), x);
    const byFilter = await evaluate((v) => groupedConv2d(x, v, options), filter);
    tf.dispose([x, filter]);
    const gradient = [...result.gradient, ...byFilter.gradient];
    return { ...result, gradient, leaked: held() - before };
  },
  async image(example: ImageCase): Promise<number[]> {
    const before = held();
    const input = normalizeImage(imageOf(example), example.options);
    const values = [...(await input.data())];
    input.dispose();
    return held() === before ? values : [];
  },
  async shuffle(): Promise<Result> {
    const before = held();
    const x = channelShuffleCase();
    const result = await evaluate((v) => channelShuffle(v, { groups: 4 }), x);
    x.dispose();
    return { ...result, leaked: held() - before };
  },
};

export type Page = typeof page;
Object.assign(globalThis, { page });
