import { engine } from '@tensorflow/tfjs-core';
import type { BaseConfig } from './config';
import type { GeneralizedRCNN } from './generalizedRCNN';
import type { AnyDetectorType } from './registry';

/** What JavaScript's engines say of an array that is too long for them, or for the machine. */
const TOO_LARGE = /array (?:length|buffer|size)/i;

/**
 * What a kind makes of its configuration; where that fails, what it had made by then is freed.
 *
 * @param about `pretrained`: whether its backbone gets weights that were given
 * @throws RangeError also where each number is fine, and the layers they make together don't fit the memory
 */
export function buildDetector(
  type: AnyDetectorType,
  config: BaseConfig,
  { caller, random, pretrained }: { caller: string; random?: () => number; pretrained: boolean },
): GeneralizedRCNN {
  const variables = () => Object.values(engine().registeredVariables);
  const before = new Set(variables());
  try {
    return Object.assign(type.build(config, random), { pretrained });
  } catch (cause) {
    for (const variable of variables()) if (!before.has(variable)) variable.dispose();
    const { message } = cause as Error;
    if (!(cause instanceof RangeError) || !TOO_LARGE.test(message)) throw cause;
    const cure = 'make channels, hidden or outputSize smaller';
    throw new RangeError(
      `${caller}: expected layers that fit the memory, got larger ones (${message}); ${cure}`,
      {
        cause,
      },
    );
  }
}
