import type { Dataset } from '@roikit/datasets';
import { createDetector, type DetectorOptions, type GeneralizedRCNN } from '@roikit/detectors';
import { mulberry32, type SeededRandom } from '@roikit/geometry';
import { existsSync } from 'node:fs';
import { warn } from '../terminal/print';
import { readWeights } from '../networkWeights';
import { checkpointPath, type TrainSettings } from './settings';

/** One generator for the initial weights and, after them, the run: one seed says everything. */
export async function makeDetector(
  { detector, training, weights }: TrainSettings,
  { classes }: Dataset,
  out: string,
): Promise<{ detector: GeneralizedRCNN; random: SeededRandom }> {
  const random = mulberry32(training.seed);
  // A checkpoint holds the backbone too: the file need not be there any more.
  const needed = weights !== undefined && !existsSync(checkpointPath(out));
  const backboneWeights = needed ? await readWeights(weights) : undefined;
  // createDetector names the known backbones where this one is not.
  const options = { ...detector, classes } as DetectorOptions;
  return { detector: createDetector({ ...options, backboneWeights, random, warn }), random };
}
