import { truncatedSvd } from '@roikit/heads';
import { toFloat32, type StateDict, type StateTensor } from '@roikit/weights';
import { buildDetector } from './buildDetector';
import type { GeneralizedRCNN } from './generalizedRCNN';
import { detectorType } from './registry';

/** What became of one layer; weights are also the multiplications a region takes. */
export interface CompressedLayer {
  name: string;
  rank: number;
  /** Weights before and after. */
  before: number;
  after: number;
  /** ‖W − W′‖ / ‖W‖, Frobenius. */
  error: number;
}

/**
 * A copy of a detector whose fully connected layers are each two smaller ones, by truncated SVD (Fast R-CNN §3.1). VGG16's
 * fc6 at 1024 and fc7 at 256 took the paper's .3 mAP and 30 % of its time (§4.4).
 *
 * @param ranks singular values that are kept, by layer: `{ fc6: 1024, fc7: 256 }`
 * @throws RangeError for layers that the head has not, and ranks beyond their size
 */
export async function compress(
  detector: GeneralizedRCNN,
  ranks: Readonly<Record<string, number>>,
): Promise<{ detector: GeneralizedRCNN; layers: CompressedLayer[] }> {
  let state = await detector.stateDict();
  const layers: CompressedLayer[] = [];
  for (const [name, rank] of Object.entries(ranks)) {
    const { key, weight } = denseLayer(state, name);
    const [rows, columns] = weight.shape as [number, number];
    const { first, second, error } = truncatedSvd(toFloat32(weight), { rows, columns, rank });
    const stem = key.slice(0, -'.weight'.length);
    const parts: [string, StateTensor][] = [
      [`${stem}.0.weight`, { dtype: 'float32', shape: [rank, columns], data: first }],
      [`${stem}.1.weight`, { dtype: 'float32', shape: [rows, rank], data: second }],
      [`${stem}.1.bias`, state.get(`${stem}.bias`)!],
    ];
    const others = [...state].filter(([other]) => other !== key && other !== `${stem}.bias`);
    state = new Map([...others, ...parts]);
    layers.push({ name, rank, before: rows * columns, after: rank * (rows + columns), error });
  }
  return { detector: rebuilt(detector, ranks, state), layers };
}

/** Names of the layers that `compress` takes, and the largest rank of each: `{ fc6: 256 }`. */
export async function compressible(detector: GeneralizedRCNN): Promise<Record<string, number>> {
  const layers = denseLayers(await detector.stateDict());
  return Object.fromEntries(layers.map(({ name, weight }) => [name, Math.min(...weight.shape)]));
}

interface DenseLayer {
  name: string;
  key: string;
  weight: StateTensor;
}

function denseLayers(state: StateDict): DenseLayer[] {
  return [...state]
    .filter(([key, { shape }]) => /^head\..*fc\d+\.weight$/.test(key) && shape.length === 2)
    .map(([key, weight]) => ({ name: key.split('.').at(-2)!, key, weight }));
}

function denseLayer(state: StateDict, name: string): DenseLayer {
  const layers = denseLayers(state);
  const found = layers.find((layer) => layer.name === name);
  if (found) return found;
  const known = layers.map((layer) => layer.name).join(', ') || 'none';
  throw new RangeError(`compress: the layers must be the head's own (${known}), got ${name}`);
}

function rebuilt(
  { config, pretrained }: GeneralizedRCNN,
  ranks: Readonly<Record<string, number>>,
  state: StateDict,
): GeneralizedRCNN {
  const { head } = config as { head?: { ranks?: Record<string, number> } };
  const own = { ...config, head: { ...head, ranks: { ...head?.ranks, ...ranks } } };
  const detector = buildDetector(detectorType(config.type, 'compress'), own, {
    caller: 'compress',
    pretrained,
  });
  detector.load(state);
  return detector;
}
