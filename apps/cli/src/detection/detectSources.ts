import { imagesAtOnce, inOrder, type Detector, type TimedDetections } from '@roikit/detectors';
import type { Detections } from '@roikit/geometry';
import { gatherBoxes } from '@roikit/geometry';
import { readSource, type ReadSourceOptions, type SourcePicture } from '../pictures/readSource';

/** A picture and what was found in it. */
export interface DetectedPicture extends SourcePicture {
  detections: TimedDetections;
}

/** A picture, or a whole source, that could not be dealt with. */
export interface FailedPicture {
  source: string;
  frame?: number;
  /** Names the source, says what is wrong and what to do. */
  error: string;
}

export interface DetectSourcesOptions extends ReadSourceOptions {
  /** Least score. @default the detector's own */
  scoreThreshold?: number;
  /** Most detections of a picture. @default the detector's own */
  maxDetections?: number;
  /** Most overlap of two detections of a class. @default the detector's own */
  nmsThreshold?: number;
  /** Only these labels. @default all */
  labels?: ReadonlySet<number>;
  /** As the detector's `detect` has it. @default true */
  exactTimings?: boolean;
  /** Pictures that are left out, because they were dealt with before. @default none */
  skip?: (picture: Pick<SourcePicture, 'source' | 'frame'>) => boolean;
}

/**
 * Objects in the pictures of many sources, in order; as many pictures are in memory as the detector works on. A picture
 * that can't be read or that the detector fails on is an entry with `error`, and the others go on. When `signal` is
 * aborted, what is in hand is finished, and nothing more is begun.
 */
export function detectSources(
  sources: Iterable<string> | AsyncIterable<string>,
  detector: Detector,
  options: DetectSourcesOptions = {},
): AsyncGenerator<DetectedPicture | FailedPicture> {
  const work = async (picture: SourcePicture | FailedPicture) =>
    'error' in picture ? picture : detectPicture(picture, detector, options);
  return inOrder(readSources(sources, options), work, { atOnce: imagesAtOnce(detector) });
}

async function* readSources(
  sources: Iterable<string> | AsyncIterable<string>,
  options: DetectSourcesOptions,
): AsyncGenerator<SourcePicture | FailedPicture> {
  const { skip, signal } = options;
  for await (const source of sources) {
    if (signal?.aborted) return;
    try {
      for await (const picture of readSource(source, options)) {
        if (signal?.aborted) return;
        if (!skip?.(picture)) yield picture;
      }
    } catch (error) {
      if (signal?.aborted) return; // an interrupted download is no fault of the picture
      yield { source, error: messageOf(source, error) };
    }
  }
}

async function detectPicture(
  picture: SourcePicture,
  detector: Detector,
  { scoreThreshold, maxDetections: most, nmsThreshold, labels, exactTimings }: DetectSourcesOptions,
): Promise<DetectedPicture | FailedPicture> {
  // The most of the labels that are asked for, not of all.
  const limits = { scoreThreshold, nmsThreshold, maxDetections: labels ? undefined : most, exactTimings };
  try {
    const { timings, ...found } = await detector.detect(picture.image, limits);
    const kept = labels ? ofLabels(found, { labels, most }) : found;
    return { ...picture, detections: { ...kept, timings } };
  } catch (error) {
    const { source, frame } = picture;
    return { source, frame, error: messageOf(source, error) };
  }
}

function ofLabels(
  { boxes, scores, labels: own }: Detections,
  { labels, most = Infinity }: { labels: ReadonlySet<number>; most?: number },
): Detections {
  const kept = Int32Array.from([...own.keys()].filter((i) => labels.has(own[i]!)).slice(0, most));
  return {
    boxes: gatherBoxes(boxes, kept),
    scores: Float32Array.from(kept, (i) => scores[i]!),
    labels: Int32Array.from(kept, (i) => own[i]!),
  };
}

function messageOf(source: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.startsWith(`${source}: `) || source === '-' ? message : `${source}: ${message}`;
}
