import { dataFingerprint, type Detector } from '@roikit/detectors';
import type { Dataset } from '@roikit/datasets';
import { formatCocoResults } from '@roikit/geometry';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors';
import type { Evaluation } from '../evaluation/runEvaluation';

/** What was measured, beside the numbers. */
export interface MeasuredDetector {
  type: string;
  backbone: string;
  /** Of its weights. */
  bytes?: number;
  /** Where the pictures are. */
  source?: { path: string; format?: string; images?: string; annotations?: string };
  /** Milliseconds of each phase of its training. */
  training?: Record<string, number>;
}

/** measured.json: what detections.json beside it is of, and on which pictures. */
export interface Measured extends MeasuredDetector {
  /** Detections from this score on are shown. */
  shownScore: number;
  classes: readonly string[];
  /** The pictures; `image_id` of detections.json. */
  images: string[];
  /** Of pictures and annotations: only what has the same can be compared. */
  fingerprint: string;
}

const FILES = { about: 'measured.json', detections: 'detections.json' };

/** Writes all detections in COCO's results format, and what they are of. */
export async function writeMeasured(
  folder: string,
  { images: evaluated, shownScore }: Evaluation,
  { dataset, detector }: { dataset: Dataset; detector: MeasuredDetector },
): Promise<void> {
  const { classes } = dataset;
  const images = evaluated.map(({ index }) => dataset.id(index));
  const samples = evaluated.map(({ truth }, i) => ({ id: images[i]!, truth }));
  const fingerprint = dataFingerprint(classes, samples);
  const measured: Measured = { ...detector, shownScore, classes, images, fingerprint };
  const results = formatCocoResults(
    evaluated.map(({ detections }) => detections),
    { imageIds: images, categoryIds: classes.map((_, i) => i + 1) },
  );
  await writeFile(join(folder, FILES.detections), results);
  await writeFile(join(folder, FILES.about), JSON.stringify(measured, null, 2) + '\n'); // last: it says that all is there
}

/** Whether `writeMeasured` came to its end there. */
export const isMeasured = (folder: string): boolean => existsSync(join(folder, FILES.about));

/** What `writeMeasured` wrote; UserError where it is not there. */
export async function readMeasured(folder: string): Promise<{ about: Measured; detections: string }> {
  const read = (file: string) =>
    readFile(join(folder, file), 'utf8').catch((cause: unknown) => {
      throw new UserError(
        `${folder}: no measured run (no ${file}); give the folder of 'roikit train' or 'roikit evaluate'`,
        { cause },
      );
    });
  const about = JSON.parse(await read(FILES.about)) as Measured;
  return { about, detections: await read(FILES.detections) };
}

/** What a comparison wants to know of a detector that was not trained in this run. */
export function measuredDetector(
  { config: { type, backbone } }: Detector,
  source?: MeasuredDetector['source'],
): MeasuredDetector {
  return { type, backbone: backbone.name, source };
}
