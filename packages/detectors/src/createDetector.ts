import { loadWeights } from '@roikit/backbones';
import type { StateDict } from '@roikit/weights';
import { backboneNamed } from './backbones';
import { resolveConfig, type DetectorOptions } from './config';
import { FastRCNN } from './fastRCNN';

export interface CreateDetectorOptions extends DetectorOptions {
  /** ImageNet weights of the backbone under torchvision's names; without, training starts from random ones. */
  backboneWeights?: StateDict;
  /** Seeds the initial weights. */
  random: () => number;
}

/** A detector with fresh neck and head, ready to be trained. */
export function createDetector({ backboneWeights, random, ...options }: CreateDetectorOptions): FastRCNN {
  const config = resolveConfig(options, { pretrained: backboneWeights !== undefined });
  const detector = new FastRCNN(config, { random });
  if (backboneWeights) startFrom(backboneWeights, detector);
  return detector;
}

/** Loads ImageNet weights into the backbone, and into fc6 and fc7 where the network has layers of their sizes (§2.1). */
function startFrom(weights: StateDict, { backbone, head, config }: FastRCNN): void {
  const { name } = config.backbone;
  const { missing } = loadWeights(backbone, weights, { strict: false }); // a trunk leaves the top out
  if (missing.length > 0) {
    const keys = missing.join(', ');
    throw new RangeError(`createDetector: backboneWeights must be those of ${name}, missing are ${keys}`);
  }
  const { fullyConnected = [] } = backboneNamed(name);
  for (const [i, source] of fullyConnected.entries()) {
    const target = head.layers.find((layer) => layer.name === `fc${6 + i}`);
    const [weight, bias] = [weights.get(`${source}.weight`), weights.get(`${source}.bias`)];
    const kernelShape = target?.weights[0]?.shape.toReversed().join();
    if (!weight || !bias || weight.shape.join() !== kernelShape) return;
    const own = new Map([
      [`fc${6 + i}.weight`, weight],
      [`fc${6 + i}.bias`, bias],
    ]);
    loadWeights(head, own, { strict: false });
  }
}
