// How far halves move SqueezeNet 1.1's logits on pictures, where the GPU has shader-f16:
// npx tsx --conditions=@roikit/source bench/halves.bench.ts WEIGHTS.safetensors FOLDER, of JPEGs named by their class's id.
import type * as tf from '@tensorflow/tfjs-core';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fuse, loadWeights, squeezenet1_1 } from '../../backbones/src/index';
import { preprocess } from '../../classification/src/index';
import { readImage } from '../../image/src/node';
import { readStateDict } from '../../weights/src/node';
import { useEngine } from '../src/index';
import { withoutFeatures } from '../test/deviceFeatures';

const [weights, folder] = process.argv.slice(2) as [string, string];
const { detail, gpu } = await useEngine('webgpu', { precision: 'float16' });
if (!gpu!.featuresInUse.includes('shader-f16')) throw new Error(`${detail} has no shader-f16`);

const model = squeezenet1_1();
loadWeights(model, await readStateDict(weights));
const network = fuse(model);
const classes = (await readFile(join(folder, 'wnids.txt'), 'utf8')).trim().split(/\s+/);

async function logits(image: tf.Tensor4D): Promise<Float32Array> {
  const output = network.predict(image) as tf.Tensor;
  const values = (await output.data()) as Float32Array;
  output.dispose();
  return values;
}

/** Labels, likeliest first. */
const ranked = (values: Float32Array): number[] =>
  Array.from(values.keys()).sort((a, b) => values[b]! - values[a]!);

const counts = { pictures: 0, sameTop1: 0, sameTop5: 0, rightInFloats: 0, rightInHalves: 0 };
let sum = 0;
let worst = 0;
for (const file of (await readdir(folder)).filter((name) => name.endsWith('.JPEG')).sort()) {
  const image = preprocess(await readImage(join(folder, file)));
  const floats = await withoutFeatures(() => logits(image));
  const halves = await logits(image);
  image.dispose();
  const off = floats.map((value, i) => Math.abs(value - halves[i]!));
  sum += Math.hypot(...off) / Math.hypot(...floats);
  worst = Math.max(worst, off.reduce((a, b) => Math.max(a, b)) / floats.reduce((a, b) => Math.max(a, b)));
  const [a, b] = [ranked(floats), ranked(halves)];
  const label = classes.indexOf(file.split('_')[0]!);
  counts.pictures++;
  counts.sameTop1 += Number(a[0] === b[0]);
  counts.sameTop5 += Number(new Set([...a.slice(0, 5), ...b.slice(0, 5)]).size === 5);
  counts.rightInFloats += Number(a[0] === label);
  counts.rightInHalves += Number(b[0] === label);
}
console.log({ gpu: detail, ...counts, meanError: sum / counts.pictures, worstOfLargest: worst });
