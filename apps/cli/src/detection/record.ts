import type { DetectedPicture, FailedPicture } from './detectSources';

/** An object, as JSON has it. */
interface FoundObject {
  class: string;
  /** 1…K, the position in the detector's class list. */
  label: number;
  score: number;
  /** x1 y1 x2 y2, pixels of the picture as it is seen. */
  box: [number, number, number, number];
}

/** What a line of `results.jsonl` says of a picture. */
export interface PictureRecord {
  /** Path or address, as it was given or found. */
  image: string;
  frame?: number;
  frames?: number;
  width: number;
  height: number;
  detections: FoundObject[];
  /** Milliseconds by stage. */
  timings: Record<string, number>;
  /** Name of the picture in this run: what is written for it begins with it. */
  id?: string;
  /** The picture with its boxes drawn. */
  drawn?: string;
  /** Where the picture itself was kept, as it lies in no folder. */
  kept?: string;
}

export interface ErrorRecord {
  image: string;
  frame?: number;
  error: string;
}

export type ResultRecord = PictureRecord | ErrorRecord;

/** What was found in a picture, as plain data. */
export function toRecord(
  { source, frame, frames, image: { width, height }, detections }: DetectedPicture,
  classes: readonly string[],
): PictureRecord {
  const { boxes, scores, labels, timings } = detections;
  const found = Array.from(labels, (label, i): FoundObject => {
    const box = [...boxes.subarray(i * 4, i * 4 + 4)] as FoundObject['box'];
    return { class: classes[label - 1]!, label, score: scores[i]!, box };
  });
  const place = frame === undefined ? {} : { frame, frames };
  return { image: source, ...place, width, height, detections: found, timings };
}

export function toErrorRecord({ source, frame, error }: FailedPicture): ErrorRecord {
  return { image: source, ...(frame !== undefined && { frame }), error };
}
