import { confusionMatrix, type Detections, type GroundTruth } from '@roikit/geometry';
import type { ConfusionTable } from './model';

export interface Mistakes {
  found: number;
  /** Annotated objects that were not found, or taken for another class. */
  missed: number;
  /** Detections of nothing, or of the wrong class. */
  wrong: number;
}

interface CountOptions {
  numClasses: number;
  /** Detections below are left out. */
  scoreThreshold: number;
}

/** What is right and wrong in one picture, at IoU 0.5. */
export function countMistakes(truth: GroundTruth, detections: Detections, options: CountOptions): Mistakes {
  const { matrix, numClasses } = confusionMatrix([truth], [detections], options);
  const side = numClasses + 1;
  const mistakes = { found: 0, missed: 0, wrong: 0 };
  matrix.forEach((count, i) => {
    const [annotated, detected] = [Math.floor(i / side), i % side];
    if (annotated === detected) mistakes.found += count;
    else if (annotated > 0) mistakes.missed += count;
    if (annotated !== detected && detected > 0) mistakes.wrong += count;
  });
  return mistakes;
}

/** The confusion matrix of all pictures as rows of numbers, "nothing" behind the classes instead of before. */
export function confusionTable(
  images: readonly { truth: GroundTruth; detections: Detections }[],
  options: CountOptions,
): ConfusionTable {
  const truths = images.map(({ truth }) => truth);
  const { matrix, numClasses } = confusionMatrix(
    truths,
    images.map(({ detections }) => detections),
    options,
  );
  const side = numClasses + 1;
  const behind = (position: number) => (position + 1) % side;
  const counts = Array.from({ length: side }, (_, row) =>
    Array.from({ length: side }, (_, column) => matrix[behind(row) * side + behind(column)] as number),
  );
  return { counts, scoreThreshold: options.scoreThreshold };
}
