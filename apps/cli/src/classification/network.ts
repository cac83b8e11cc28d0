import { loadWeights, type WeightSource } from '@roikit/backbones';
import { networkName } from '@roikit/classification';
import type { StateDict } from '@roikit/weights';
import { parseHubName } from '../download/hub';
import { UsageError, UserError } from '../errors';

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
