import { SampleError, type Dataset } from '@roikit/datasets';
import { evaluateCoco, evaluateVoc, type GroundTruth } from '@roikit/geometry';
import { imagesAtOnce } from './detectAll';
import { inOrder } from './inOrder';
import { leastScores } from '../postprocess/leastScores';
import type { StageTimings } from '../stageClock';
import type { Detector, EvaluateEvent, ProposalSource, Report, TimedDetections } from '../types';

export interface EvaluateOptions {
  /** @default the detector's own */
  proposals?: ProposalSource;
  /**
   * Average precision needs the low scores too.
   * @default 0.001 of probabilities, −1 of margins
   */
  scoreThreshold?: number;
  /** @default 100 what COCO counts */
  maxDetections?: number;
  /** Ends early; the report then covers the images done. */
  signal?: AbortSignal;
}

/**
 * Runs a detector over a dataset; yields each image's detections and returns VOC and COCO metrics. A pool of detectors
 * gives the same events and metrics in the same order; its timings are those of one worker beside the others.
 */
export async function* evaluate(
  detector: Detector,
  dataset: Dataset,
  options: EvaluateOptions = {},
): AsyncGenerator<EvaluateEvent, Report> {
  const { signal } = options;
  const truths: GroundTruth[] = [];
  const results: TimedDetections[] = [];
  let skipped = 0;
  const work = (index: number) => evaluateImage(detector, dataset, index, options);
  for await (const event of inOrder(indices(dataset, signal), work, { atOnce: imagesAtOnce(detector) })) {
    if (event.type === 'image') {
      truths.push(event.truth);
      results.push(event.detections);
    } else skipped++;
    yield event;
    await new Promise((resolve) => setTimeout(resolve)); // lets signal handlers and timers run
    if (signal?.aborted) break;
  }
  return makeReport(detector.config.classes, truths, results, skipped);
}

function* indices({ length }: Dataset, signal?: AbortSignal): Generator<number> {
  for (let index = 0; index < length && !signal?.aborted; index++) yield index;
}

async function evaluateImage(
  detector: Detector,
  dataset: Dataset,
  index: number,
  { proposals: source, scoreThreshold, maxDetections = 100 }: EvaluateOptions,
): Promise<EvaluateEvent> {
  const least = scoreThreshold ?? leastScores(detector).measured;
  const id = dataset.id(index);
  try {
    const { image, truth } = await dataset.get(index);
    const started = performance.now();
    const proposals = await source?.(image);
    const waited = performance.now() - started;
    const detections = await detector.detect(image, { scoreThreshold: least, maxDetections, proposals });
    detections.timings['proposals'] = (detections.timings['proposals'] ?? 0) + waited;
    return { type: 'image', done: index + 1, total: dataset.length, id, detections, truth };
  } catch (error) {
    if (!(error instanceof SampleError)) throw error;
    return { type: 'skipped', id, reason: error.message };
  }
}

/** Metrics of detections, picture for picture beside their truths. */
export function makeReport(
  names: readonly string[],
  truths: GroundTruth[],
  results: TimedDetections[],
  skipped: number,
): Report {
  const numClasses = names.length;
  const voc = evaluateVoc(truths, results, { numClasses, iouThreshold: 0.5, interpolation: 'area' });
  const coco = evaluateCoco(truths, results, { numClasses });
  const classes = voc.perClass.map(({ ap, numTruths, numDetections }, i) => ({
    name: names[i]!,
    ap50: ap,
    truths: numTruths,
    detections: numDetections,
  }));
  return {
    images: results.length,
    skipped,
    classes,
    ap50: voc.mAP,
    voc,
    coco,
    timings: meanTimings(results),
  };
}

function meanTimings(results: readonly TimedDetections[]): StageTimings {
  const means: StageTimings = {};
  for (const { timings } of results) {
    for (const [stage, ms] of Object.entries(timings))
      means[stage] = (means[stage] ?? 0) + ms / results.length;
  }
  return means;
}
