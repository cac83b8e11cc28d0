import { freezeBatchNorm } from '@roikit/backbones';
import { featurePyramid } from '@roikit/heads';
import type * as tf from '@tensorflow/tfjs-core';
import { combinedPart } from '../combinedPart';
import type { BackboneConfig, FpnConfig } from '../config';
import { applyModel, trunkOf, type ConvBackbone } from './convBackbone';
import { inferencePart } from '../inferencePart';
import { receptiveField, smallestInput, type ReceptiveField } from './receptiveField';

/**
 * A feature pyramid (Lin et al. 2017) on a network's maps, finest first, and one level more of every second cell of the
 * last, for large proposals.
 *
 * @param random draws the initial weights; without, they are zeros, for weights that are loaded
 */
export function fpnBackbone(
  config: BackboneConfig,
  { channels, batchNorm }: FpnConfig,
  random?: () => number,
): ConvBackbone {
  const trunk = trunkOf(config, random);
  const inChannels = trunk.outputs.map(({ shape }) => shape.at(-1) as number);
  const fpn = featurePyramid({ inChannels, outChannels: channels, batchNorm, random });
  freezeBatchNorm(fpn); // as in the trunk
  const fields = trunk.outputs.map(receptiveField);
  const { stride, center } = fields.at(-1) as ReceptiveField;
  fields.push({ stride: 2 * stride, center });
  const [body, neck] = [inferencePart(trunk), inferencePart(fpn)];
  return {
    ...combinedPart({ body, fpn: neck }),
    trunk,
    channels,
    smallestInput: smallestInput(trunk.outputs),
    features: (input, { inference = false } = {}) => {
      const maps = inference
        ? neck.infer(body.infer(input) as tf.Tensor4D[])
        : applyModel(fpn, applyModel(trunk, input));
      return maps.map((map, i) => ({ map: map as tf.Tensor4D, field: fields[i]! }));
    },
  };
}
