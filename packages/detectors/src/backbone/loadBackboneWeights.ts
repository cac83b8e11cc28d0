import { loadWeights, type WeightSource } from '@roikit/backbones';
import { assertFinite, type StateDict } from '@roikit/weights';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { backboneNamed } from './backbones';
import type { BaseConfig } from '../config';

interface Trunk {
  trunk: LayersModel;
}

interface Initialized {
  config: BaseConfig;
  parts:
    | { backbone: Trunk; head: { model: LayersModel } }
    | { regionFeatures: Trunk; head: { model: LayersModel } };
}

/**
 * ImageNet weights into the backbone, and into fc6 and fc7 where the network has layers of their sizes (Fast R-CNN §2.1);
 * or another detector's backbone, of all its weights.
 */
export function loadBackboneWeights(
  { config, parts }: Initialized,
  given: StateDict,
  warn: (message: string) => void,
): void {
  assertFinite(given, 'backboneWeights');
  const weights = ofBackbone(given);
  const { name } = config.backbone;
  const { trunk } = 'backbone' in parts ? parts.backbone : parts.regionFeatures;
  const { missing } = loadWeights(trunk, weights, { source: sourceOf(name, weights), strict: false }); // a trunk leaves the top out
  if (missing.length > 0) {
    const keys = missing.slice(0, 10).join(', ') + (missing.length > 10 ? ', …' : '');
    throw new RangeError(
      `createDetector: backboneWeights must be those of ${name}, missing are ${keys} (${missing.length})`,
    );
  }
  const { fullyConnected = [] } = backboneNamed(name);
  for (const [i, source] of fullyConnected.entries()) {
    const why = loadFullyConnected(parts.head.model, `fc${6 + i}`, source, weights);
    if (why === undefined) continue;
    return warn(`fc${6 + i} starts from random weights: ${why}`);
  }
}

/** Weights as they were published have their source's names; those of a detector or a converted file ours, torchvision's form. */
function sourceOf(name: string, weights: StateDict): WeightSource {
  const { source = 'torchvision' } = backboneNamed(name);
  const kerasNamed = [...weights.keys()].some((key) => key.includes('/')); // conv1/kernel
  return source === 'keras' && !kerasNamed ? 'torchvision' : source;
}

/** A detector's weights → its backbone's, under the names that a classification network has; others as they are. */
function ofBackbone(weights: StateDict): StateDict {
  const own = [...weights].flatMap(([key, tensor]) => {
    // `backbone.body.…`, `regionFeatures.body.…`; version 1 of the format had no `body`.
    const [, name] = /^\w+\.body\.(.+)$/.exec(key) ?? /^backbone\.(?!neck\.)(.+)$/.exec(key) ?? [];
    return name === undefined ? [] : [[name, tensor] as const];
  });
  return own.length > 0 ? new Map(own) : weights;
}

/** Loads one layer; returns why it can't be. */
function loadFullyConnected(
  head: LayersModel,
  name: string,
  source: string,
  weights: StateDict,
): string | undefined {
  const target = head.layers.find((layer) => layer.name === name);
  if (target === undefined) return `the head has no ${name}; head.hidden of two widths would give it one`;
  const [weight, bias] = [weights.get(`${source}.weight`), weights.get(`${source}.bias`)];
  if (!weight || !bias) return `the weights have no ${source}`;
  const expected = target.weights[0]?.shape.toReversed() as number[];
  if (weight.shape.join() !== expected.join()) {
    return (
      `it is [${expected.join(', ')}], ${source} of the weights [${weight.shape.join(', ')}]; ` +
      "leave regions, head.hidden and neck out to take the network's own"
    );
  }
  const own: StateDict = new Map([
    [`${name}.weight`, weight],
    [`${name}.bias`, bias],
  ]);
  loadWeights(head, own, { strict: false });
  return undefined;
}
