import type { Dataset } from '@roikit/datasets';
import {
  createDetector,
  transferDetector,
  type DetectorOptions,
  type GeneralizedRCNN,
  type TransferOptions,
} from '@roikit/detectors';
import { mulberry32, type SeededRandom } from '@roikit/geometry';
import { existsSync } from 'node:fs';
import { findDetector } from '../detector/findDetector';
import { openDetector } from '../detector/openDetector';
import { checkpointPath } from '../runs/checkpoint';
import { interruptible } from '../terminal/interrupt';
import { warn } from '../terminal/print';
import { readWeights } from '../weights/readWeights';
import type { TrainSettings } from './settings';

/** One generator for the initial weights and, after them, the run: one seed says everything. */
export async function makeDetector(
  { detector, training, weights, from }: TrainSettings,
  { classes }: Dataset,
  out: string,
): Promise<{ detector: GeneralizedRCNN; random: SeededRandom }> {
  const random = mulberry32(training.seed);
  // A checkpoint holds the backbone too: the file need not be there any more.
  const fresh = !existsSync(checkpointPath(out));
  if (fresh && from !== undefined) return { detector: await transferred(from, { classes, random }), random };
  const needed = fresh && weights !== undefined;
  const backboneWeights = needed
    ? await interruptible((signal) => readWeights(weights, { signal }))
    : undefined;
  // createDetector names the known backbones where this one is not.
  const options = { ...detector, classes } as DetectorOptions;
  return { detector: createDetector({ ...options, backboneWeights, random, warn }), random };
}

async function transferred(from: string, options: TransferOptions): Promise<GeneralizedRCNN> {
  const source = await openDetector(findDetector(from));
  try {
    return await transferDetector(source, options);
  } finally {
    source.dispose();
  }
}
