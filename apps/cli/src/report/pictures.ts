import type { Sample } from '@roikit/datasets';
import type { Detections, GroundTruth } from '@roikit/geometry';
import { toSharp } from '@roikit/image/node';
import { overlayElements, type DrawnBox } from '../draw/overlay';
import { drawingScale } from '../draw/picture';
import type { Verdict } from './mistakes';
import type { SamplePicture } from './model';

/** Longer side of a report's picture, pixels: sharp on the page, about 80 kB as a JPEG. */
const MAX_SIDE = 900;

/** Detections as boxes to draw with `class score` on them; `indices` are those to draw. */
export function detectionBoxes(
  { boxes, scores, labels }: Detections,
  { classes, indices = [...scores.keys()] }: { classes: readonly string[]; indices?: readonly number[] },
): DrawnBox[] {
  return indices.map((i) => {
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
  const right = detectionBoxes(detections, { classes, indices: verdict.right });
  const wrong = detectionBoxes(detections, { classes, indices: verdict.wrong });
  return {
    id,
    width,
    height,
    photo: `data:image/jpeg;base64,${jpeg.toString('base64')}`,
    truth: overlayElements(truthBoxes(truth), layer),
    right: overlayElements(right, layer),
    wrong: overlayElements(
      wrong.map((box) => ({ ...box, text: `${box.text}  ×` })),
      layer,
    ),
    caption: caption(verdict),
  };
}

function caption({ right, wrong, missed }: Verdict): string {
  const parts = [`${right.length} of ${right.length + missed} found`];
  if (wrong.length > 0) parts.push(`${wrong.length} wrong`);
  return parts.join(', ');
}
