export interface CocoParameters {
  /** `[T]` */
  iouThresholds: Float64Array;
  /** `[R]` */
  recallThresholds: Float64Array;
  /** `[A]`, square pixels; both ends belong to a range. At most 8: one bit of a byte each */
  areaRanges: readonly (readonly [number, number])[];
  /** `[M]`, rising: detections counted for each image and class */
  maxDets: readonly number[];
}

/** COCO's tables; −1 where a class has no truth in the area range. */
export interface CocoTables {
  /** `[T, R, K, A, M]`: precision at the first score whose recall reaches the recall threshold, 0 beyond the last */
  precision: Float64Array;
  /** `[T, K, A, M]`: recall of all the detections */
  recall: Float64Array;
  /** `[T, R, K, A, M]`: the score there */
  scores: Float64Array;
}

/** Room for K classes. */
export function createTables(parameters: CocoParameters, numClasses: number): CocoTables {
  const { iouThresholds, recallThresholds, areaRanges, maxDets } = parameters;
  const size = iouThresholds.length * numClasses * areaRanges.length * maxDets.length;
  return {
    precision: new Float64Array(size * recallThresholds.length),
    recall: new Float64Array(size),
    scores: new Float64Array(size * recallThresholds.length),
  };
}
