import { createDetector, DETECTORS, type GeneralizedRCNN } from '@roikit/detectors';
import { readStateDict } from '@roikit/weights';
import type { DetectorBlobs } from './protocol';

/** What a detector that is trained in the page is made of. */
export interface LearnerOptions {
  type: string;
  classes: readonly string[];
  /** Shorter side of the network's input, pixels. */
  side: number;
  /** The detector whose backbone it starts with; random weights without. */
  start?: DetectorBlobs;
  random: () => number;
}

/** SqueezeNet 1.1's first half and 64 channels: light enough for a page, as the bundled detector. */
const LIGHT = { name: 'squeezenet1_1', layers: ['features.4', 'features.7'] };

/**
 * A fresh detector of any kind. What a kind's options know decides what is said to it, so that a new kind needs no
 * line here.
 */
export async function makeLearner({
  type,
  classes,
  side,
  start,
  random,
}: LearnerOptions): Promise<GeneralizedRCNN> {
  const schema = fieldsOf(DETECTORS[type as keyof typeof DETECTORS].options);
  const knows = (name: string, field?: string) =>
    name in schema && (field === undefined || field in fieldsOf(schema[name]!));
  const { name, layers } = start ? await backboneOf(start) : LIGHT;
  const merges = knows('neck') || knows('fpn');
  const options = {
    type,
    classes,
    backbone: { name, layers: merges ? layers : layers.slice(-1), frozenThrough: null },
    head: { hidden: [256] },
    ...(knows('transform', 'minSize') && { transform: { minSize: side, maxSize: Math.round(side * 1.5) } }),
    // Where each region goes through the network by itself, it sees little of each.
    ...(knows('regions', 'size') && { regions: { size: Math.min(side, 64) } }),
    ...(knows('neck') && { neck: { channels: 64 } }),
    ...(knows('fpn') && { fpn: { channels: 64 } }),
    ...(knows('proposals') && { proposals: { maxProposals: 400, minSize: 12 } }),
    ...(knows('rpn') && { rpn: { anchors: { sizes: anchorSizes(side, layers.length + 1) }, postNms: 300 } }),
    ...(start && { backboneWeights: await readStateDict(await bytesOf(start['weights.safetensors'])) }),
    random,
    warn: () => {}, // of a backbone's weights the head takes none
  };
  return createDetector(options as unknown as Parameters<typeof createDetector>[0]);
}

interface Schema {
  shape?: Record<string, Schema>;
  unwrap?: () => Schema;
}

/** The options that a schema has, also where it may be left out. */
function fieldsOf(schema: object): Record<string, Schema> {
  const { shape, unwrap } = schema as Schema;
  return shape ?? (unwrap ? fieldsOf(unwrap.call(schema)) : {});
}

/** From a tenth of the picture to most of it, two sizes a level. */
function anchorSizes(side: number, levels: number): number[][] {
  const last = 2 * levels - 1;
  const size = (i: number) => Math.round(side * 0.1 * 7 ** (i / last));
  return Array.from({ length: levels }, (_, level) => [size(2 * level), size(2 * level + 1)]);
}

const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

async function backboneOf(files: DetectorBlobs): Promise<{ name: string; layers: string[] }> {
  const { config } = JSON.parse(await files['detector.json'].text());
  return config.backbone;
}
