import { confusionMatrix, type Detections, type GroundTruth } from '@roikit/geometry';
import type { ConfusionTable } from './model';

/** The confusion matrix of all pictures as rows of numbers, "nothing" behind the classes instead of before. */
export function confusionTable(
  images: readonly { truth: GroundTruth; detections: Detections }[],
  options: { numClasses: number; scoreThreshold: number },
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
