import { featurePyramid } from '@roikit/heads';
import { combinedPart } from './combinedPart';
import type { BackboneConfig, NeckConfig } from './config';
import { applyModel, trunkOf, type ConvBackbone } from './convBackbone';
import { modelPart } from './modelPart';
import { receptiveField, smallestInput, type ReceptiveField } from './receptiveField';

/**
 * A feature pyramid (Lin et al. 2017) on a network's maps, finest first, and one level more of every second cell of the
 * last, for large proposals.
 *
 * @param random draws the initial weights; without, they are zeros, for weights that are loaded
 */
export function fpnBackbone(
  config: BackboneConfig,
  { channels }: NeckConfig,
  random?: () => number,
): ConvBackbone {
  const trunk = trunkOf(config, random);
  const inChannels = trunk.outputs.map(({ shape }) => shape.at(-1) as number);
  const fpn = featurePyramid({ inChannels, outChannels: channels, random });
  const fields = trunk.outputs.map(receptiveField);
  const { stride, center } = fields.at(-1) as ReceptiveField;
  fields.push({ stride: 2 * stride, center });
  return {
    ...combinedPart({ body: modelPart(trunk), fpn: modelPart(fpn) }),
    trunk,
    channels,
    smallestInput: smallestInput(trunk.outputs),
    features: (input) =>
      applyModel(fpn, applyModel(trunk, input)).map((map, i) => ({ map, field: fields[i]! })),
  };
}
