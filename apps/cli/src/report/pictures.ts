import type { Sample } from '@roikit/datasets';
import type { Detections, GroundTruth } from '@roikit/geometry';
import { overlayElements, type DrawnBox } from '../draw/overlay';
import { drawingScale, toSharp } from '../draw/picture';
import type { Mistakes } from './mistakes';
import type { SamplePicture } from './model';

/** Longer side of a report's picture, pixels: sharp on the page, about 80 kB as a JPEG. */
const MAX_SIDE = 900;

/** Detections of at least a score, as boxes to draw with `class score` on them. */
export function detectionBoxes(
  { boxes, scores, labels }: Detections,
  { classes, scoreThreshold = 0 }: { classes: readonly string[]; scoreThreshold?: number },
): DrawnBox[] {
  return [...scores.keys()]
    .filter((i) => (scores[i] as number) >= scoreThreshold)
    .map((i) => {
      const label = labels[i] as number;
      // Two spaces: a class may be a number itself.
      const text = `${classes[label - 1] ?? label}  ${(scores[i] as number).toFixed(2)}`;
      return { box: boxes.subarray(i * 4, i * 4 + 4), label, text };
    });
}

/** Annotated objects as dashed white boxes: told from detections where both lie on one another. */
function truthBoxes({ boxes, labels }: GroundTruth): DrawnBox[] {
  return Array.from(labels, (label, i) => ({
    box: boxes.subarray(i * 4, i * 4 + 4),
    label,
    dashed: true,
    color: '#ffffff',
  }));
}

interface PictureOptions {
  classes: readonly string[];
  scoreThreshold: number;
  mistakes: Mistakes;
}

/** One annotated picture of a report. */
export async function samplePicture(
  { id, image, truth }: Sample,
  detections: Detections,
  { classes, scoreThreshold, mistakes }: PictureOptions,
): Promise<SamplePicture> {
  const scale = Math.min(drawingScale(image), MAX_SIDE / Math.max(image.width, image.height));
  const [width, height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
  const jpeg = await toSharp(image).resize(width, height, { fit: 'fill' }).jpeg({ quality: 80 }).toBuffer();
  const size = { width: image.width, height: image.height, scale };
  return {
    id,
    width,
    height,
    photo: `data:image/jpeg;base64,${jpeg.toString('base64')}`,
    truth: overlayElements(truthBoxes(truth), size),
    detections: overlayElements(detectionBoxes(detections, { classes, scoreThreshold }), size),
    caption: caption(mistakes),
  };
}

function caption({ found, missed, wrong }: Mistakes): string {
  const parts = [`${found} of ${found + missed} found`];
  if (wrong > 0) parts.push(`${wrong} wrong`);
  return parts.join(', ');
}
