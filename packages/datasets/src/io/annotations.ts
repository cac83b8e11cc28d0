import type { ImageSize } from '@roikit/geometry';
import type { ImageHeader } from '@roikit/image/node';
import type { SampleError } from '../types';

/** One object as a reader found it: the box already in continuous x1 y1 x2 y2 pixels, unchecked. */
export interface AnnotatedObject {
  name: string;
  box: readonly [number, number, number, number];
  /** The box as the file has it, for messages. */
  written: string;
  difficult?: boolean;
  crowd?: boolean;
  area?: number;
}

/** One picture as a reader found it. */
export interface AnnotatedImage {
  id: string;
  /** Path of the picture. */
  image: string;
  /** Path of the file that holds the annotation. */
  file: string;
  /** As annotated; absent where the annotation doesn't tell, or tells 0 × 0. */
  size?: ImageSize;
  /** Where the reader has read it: its boxes are those of the upright picture. */
  header?: ImageHeader;
  objects: AnnotatedObject[];
}

/** What every reader returns. */
export interface Annotations {
  name: string;
  /** The caller's list, else the format's own, else every class of every split, sorted: never of one split alone. */
  classes: readonly string[];
  images: AnnotatedImage[];
  problems: SampleError[];
  /** Paths of annotation files and pictures that belong to the dataset, the chosen split or not. */
  known?: Iterable<string>;
}

export interface ReadOptions {
  /** Name of the part to read, for example 'train'; every part where absent. */
  split?: string;
  /** The caller's class list, in label order. */
  classes?: readonly string[];
  /** Folder of the pictures, where it isn't found by itself. */
  images?: string;
  /** Folder (or, for COCO and CVAT, file) of the annotations, where it isn't found by itself. */
  annotations?: string;
  /** Pictures with more pixels are refused. @default 100_000_000 */
  maxPixels?: number;
}
