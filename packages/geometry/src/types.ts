/** Boxes, flat `[N, 4]`: x1 y1 x2 y2 in pixels of the original image, continuous edges (width is x2 − x1). */
export type Boxes = Float32Array;

/** Size in pixels. */
export interface ImageSize {
  width: number;
  height: number;
}

/** What a detector returns for one image, in descending score order. */
export interface Detections {
  /** `[N, 4]` */
  boxes: Boxes;
  /** `[N]` */
  scores: Float32Array;
  /** `[N]`, 1…K; 0 is background and never appears here. */
  labels: Int32Array;
}

/** The annotated objects of one image. */
export interface GroundTruth {
  /** `[N, 4]` */
  boxes: Boxes;
  /** `[N]`, 1…K */
  labels: Int32Array;
  /** `[N]`, 1 where VOC marks the object difficult: neither counted nor punished by `evaluateVoc`. */
  difficult?: Uint8Array;
  /** `[N]`, 1 where COCO marks a crowd: one box around many objects, neither counted nor punished. */
  crowd?: Uint8Array;
  /** `[N]`, COCO's annotated (segmentation) area; the box's own area where absent. */
  area?: Float32Array;
}

/** Boxes as a metric takes them: a detector gives float32, a COCO file float64. */
export type MeasuredBoxes = Float32Array | Float64Array;

/** `GroundTruth` as a metric takes it, in float32 or float64. */
export interface MeasuredTruth extends Omit<GroundTruth, 'boxes' | 'area'> {
  boxes: MeasuredBoxes;
  area?: Float32Array | Float64Array;
}

/** `Detections` as a metric takes them, in float32 or float64, in any order. */
export interface MeasuredDetections extends Omit<Detections, 'boxes' | 'scores'> {
  boxes: MeasuredBoxes;
  scores: Float32Array | Float64Array;
}
