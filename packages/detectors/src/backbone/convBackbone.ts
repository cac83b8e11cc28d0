import { featureExtractor, freezeBatchNorm } from '@roikit/backbones';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { backboneNamed } from './backbones';
import type { BackboneConfig, NeckConfig } from '../config';
import { inferencePart } from '../inferencePart';
import { freezeThrough, modelPart } from '../modelPart';
import { lateralConvs, mergeMaps } from './neck';
import { combinedPart } from '../combinedPart';
import type { Backbone } from '../parts';
import { receptiveField, smallestInput, type ReceptiveField } from './receptiveField';

export interface ConvBackbone extends Backbone {
  /** Image → inner maps, finest first. */
  trunk: LayersModel;
  channels: number;
  /** Shortest side of an input of which every layer still has something to say. */
  smallestInput: number;
}

/**
 * A network's convolutional layers up to the ones asked for; with a neck, their maps merged into one.
 *
 * @param random draws the initial weights; without, they are zeros, for weights that are loaded
 */
export function convBackbone(
  config: BackboneConfig,
  neckConfig: NeckConfig | null,
  random?: () => number,
): ConvBackbone {
  const trunk = trunkOf(config, random);
  const fields = trunk.outputs.map(receptiveField);
  const inputChannels = trunk.outputs.map(({ shape }) => shape.at(-1) as number);
  const neck = neckConfig && lateralConvs({ inputChannels, channels: neckConfig.channels, random });
  const body = inferencePart(trunk);
  return {
    ...combinedPart({ body, ...(neck && { neck: modelPart(neck) }) }),
    trunk,
    channels: neckConfig?.channels ?? (inputChannels[0] as number),
    smallestInput: smallestInput(trunk.outputs),
    features: (input, { inference = false } = {}) => {
      const maps = inference ? (body.infer(input) as tf.Tensor4D[]) : applyModel(trunk, input);
      const map = neck ? mergeMaps(applyModel(neck, maps), fields) : (maps[0] as tf.Tensor4D);
      return [{ map, field: fields[0] as ReceptiveField }];
    },
  };
}

/** The layers up to the maps that are used; those beyond are let go. */
export function trunkOf(config: BackboneConfig, random?: () => number): LayersModel {
  const { name, layers, frozenThrough, normEps } = config;
  const { build } = backboneNamed(name);
  const whole = build({ inputShape: [null, null, 3], includeTop: false, random });
  const trunk = featureExtractor(whole, { layer: layers });
  for (const layer of whole.layers) if (!trunk.layers.includes(layer)) layer.dispose();
  freezeBatchNorm(trunk); // a few images give no statistics
  if (normEps !== undefined) setNormEps(trunk, normEps);
  if (frozenThrough !== null) freezeThrough(trunk, frozenThrough);
  return trunk;
}

function setNormEps(model: LayersModel, epsilon: number): void {
  for (const layer of model.layers) {
    if (layer.getClassName() === 'BatchNormalization') Object.assign(layer, { epsilon });
  }
}

/** A model's outputs as a list, however many it has. */
export function applyModel(model: LayersModel, input: tf.Tensor | tf.Tensor[]): tf.Tensor4D[] {
  return [model.apply(input) as tf.Tensor | tf.Tensor[]].flat() as tf.Tensor4D[];
}
