import { loadWeights, type WeightSource } from '@roikit/backbones';
import { networkName, type PreprocessOptions } from '@roikit/classification';
import { assertFinite, type StateDict } from '@roikit/weights';
import { readStateDict } from '@roikit/weights/node';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { errorLine, UsageError, UserError } from './errors';
import { localFile, parseHubName, type HubOptions } from './hub';

/** A network's own name; UsageError with the list of names where there is none like this. */
export function networkNamed(name: string): string {
  try {
    return networkName(name);
  } catch (cause) {
    throw new UsageError(`--model: ${(cause as Error).message}`, { cause });
  }
}

/** timm's repositories have timm's names; files are torchvision's more often than not. */
export function guessSource(weights: string): WeightSource {
  return parseHubName(weights)?.repo.startsWith('timm/') ? 'timm' : 'torchvision';
}

/** Reads weights from a file or the hub; UserError that names them where that fails. */
export async function readWeights(name: string, options: HubOptions = {}): Promise<StateDict> {
  const path = await localFile(name, options);
  const weights = await readStateDict(path).catch((cause: unknown) => {
    if (!existsSync(path)) throw new UserError(`${path}: there is no such file; check the path`, { cause });
    const why = errorLine(cause);
    throw new UserError(why.includes(path) ? why : `${path}: the weights can't be read (${why})`, { cause });
  });
  assertFinite(weights, path);
  return weights;
}

/**
 * Loads weights into a network.
 *
 * @param file names the weights in the message.
 * @throws UserError with every key that is missing or unexpected, at most ten of each.
 */
export function fitWeights(
  model: Parameters<typeof loadWeights>[0],
  stateDict: StateDict,
  { file, source }: { file: string; source?: WeightSource },
): void {
  try {
    loadWeights(model, stateDict, { source });
  } catch (cause) {
    const [, ...faults] = (cause as Error).message
      .split('\n')
      .filter((line) => !line.includes('strict: false'));
    if (faults.length === 0) throw cause;
    const cure = '\n  another --model, or --source torchvision|timm|keras, may be what the file is for';
    throw new UserError(`${file}: the weights are not those of ${model.name}:\n${faults.join('\n')}${cure}`, {
      cause,
    });
  }
}

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
  options: HubOptions = {},
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
