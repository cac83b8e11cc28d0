import type { GroundTruth } from '@roikit/geometry';
import type { Sample, SampleError } from '../../types';

/** Formats that are written; the others are read only. */
export type WritableFormat = 'voc' | 'coco' | 'yolo';

/** Writes the annotations of one split in one format. */
export interface FormatWriter {
  /** Where the split's pictures go. */
  imageFolder: string;
  /** Exists where this split was written before. */
  mark: string;
  /** Makes the folders; rejects where the dataset can't take this split. */
  prepare(): Promise<void>;
  /** Takes up one sample whose picture is `imageName`; returns what the format has no room for. */
  add(sample: Sample, imageName: string): Promise<SampleError[]>;
  /** Writes what goes into one file for the whole split. */
  finish(): Promise<void>;
  /** Lets go of open files and takes away what isn't whole; called in any case. */
  close?(): Promise<void>;
}

export interface WriterOptions {
  split: string;
  classes: readonly string[];
}

/** One object of a GroundTruth. */
export interface WrittenObject {
  /** x1 y1 x2 y2 */
  box: [number, number, number, number];
  /** 1…K */
  label: number;
  difficult: boolean;
  crowd: boolean;
  area?: number;
}

export function objectsOf({ boxes, labels, difficult, crowd, area }: GroundTruth): WrittenObject[] {
  return Array.from(labels, (label, i) => ({
    box: [boxes[4 * i]!, boxes[4 * i + 1]!, boxes[4 * i + 2]!, boxes[4 * i + 3]!],
    label,
    difficult: difficult?.[i] === 1,
    crowd: crowd?.[i] === 1,
    area: area?.[i],
  }));
}

/** To a thousandth of a pixel: hides float32's tail (0.1 → 0.10000000149), keeps more than anyone can draw. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
