import type { PreprocessOptions } from '@roikit/classification';
import { readFile } from 'node:fs/promises';
import { parseHubName } from '../download/hub';
import { localFile, type LocalFileOptions } from '../download/localFile';
import { UserError } from '../errors';

/** The part of timm's config.json that says how a picture becomes an input. */
interface TimmConfig {
  pretrained_cfg?: {
    input_size?: [number, number, number];
    crop_pct?: number;
    interpolation?: string;
    mean?: [number, number, number];
    std?: [number, number, number];
  };
}

/** The preprocessing that a timm repository asks for; undefined for weights from elsewhere. */
export async function timmPreprocessing(
  weights: string,
  options: LocalFileOptions = {},
): Promise<PreprocessOptions | undefined> {
  const file = parseHubName(weights);
  if (!file?.repo.startsWith('timm/')) return undefined;
  const path = await localFile(`hf:${file.repo}/config.json`, options);
  const { pretrained_cfg: config } = JSON.parse(await readFile(path, 'utf8')) as TimmConfig;
  const { input_size: size, crop_pct: share, interpolation, mean, std } = config ?? {};
  if (!size || !share || !mean || !std || (interpolation !== 'bilinear' && interpolation !== 'bicubic')) {
    throw new UserError(`${path}: it does not say how to prepare a picture; give --preprocessing`);
  }
  // timm/data/transforms_factory.py, transforms_imagenet_eval.
  return { resize: Math.floor(size[1] / share), crop: size[1], interpolation, mean, std };
}
