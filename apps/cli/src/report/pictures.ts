import type { Sample } from '@roikit/datasets';
import type { Detections, GroundTruth } from '@roikit/geometry';
import { toSharp } from '@roikit/image/node';
import { detectionBoxes } from '../draw/detectionBoxes';
import { overlayElements, type DrawnBox } from '../draw/overlay';
import { drawingScale } from '../draw/picture';
import type { Verdict } from '../evaluation/verdict';
import type { SamplePicture } from './model';

/** Longer side of a report's picture, pixels: sharp on the page, about 80 kB as a JPEG. */
const MAX_SIDE = 900;

/** By colour, and by a mark for those who see no difference between the two. */
const RIGHT = { color: '#35d07f', mark: '' };
const WRONG = { color: '#ff4b5c', mark: '  ×' };

/** Annotated objects as dashed white boxes: told from detections where both lie on one another. */
function truthBoxes({ boxes, labels }: GroundTruth): DrawnBox[] {
  return Array.from(labels, (label, i) => ({
    box: boxes.subarray(i * 4, i * 4 + 4),
    label,
    dashed: true,
    color: '#ffffff',
  }));
}

/** One annotated picture of a report. */
export async function samplePicture(
  { id, image, truth }: Sample,
  detections: Detections,
  { classes, verdict }: { classes: readonly string[]; verdict: Verdict },
): Promise<SamplePicture> {
  const scale = Math.min(drawingScale(image), MAX_SIDE / Math.max(image.width, image.height));
  const [width, height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
  const jpeg = await toSharp(image).resize(width, height, { fit: 'fill' }).jpeg({ quality: 80 }).toBuffer();
  const layer = { width: image.width, height: image.height, scale, taken: [] };
  const drawn = (indices: readonly number[], { color, mark }: { color: string; mark: string }) =>
    detectionBoxes(detections, { classes, indices }).map((box) => ({
      ...box,
      color,
      text: `${box.text}${mark}`,
    }));
  return {
    id,
    width,
    height,
    photo: `data:image/jpeg;base64,${jpeg.toString('base64')}`,
    truth: overlayElements(truthBoxes(truth), layer),
    right: overlayElements(drawn(verdict.right, RIGHT), layer),
    wrong: overlayElements(drawn(verdict.wrong, WRONG), layer),
    caption: caption(verdict),
  };
}

function caption({ right, wrong, missed }: Verdict): string {
  const parts = [`${right.length} of ${right.length + missed} found`];
  if (wrong.length > 0) parts.push(`${wrong.length} wrong`);
  return parts.join(', ');
}
