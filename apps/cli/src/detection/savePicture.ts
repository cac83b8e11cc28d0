import { cropImage, type RgbImage } from '@roikit/image';
import { toSharp } from '@roikit/image/node';
import { atomicWrite } from '@roikit/training/node';
import { join } from 'node:path';
import sharp from 'sharp';
import { detectionBoxes } from '../draw/detectionBoxes';
import { drawBoxes } from '../draw/picture';
import { pictureNames, safeName } from '../pictures/pictureNames';
import { isFile } from '../pictures/readSource';
import type { DetectedPicture } from './detectSources';
import type { PictureRecord } from './record';

export interface SavePictureOptions {
  folder: string;
  classes: readonly string[];
  /** What the picture with its boxes is written as. */
  save: 'png' | 'jpg' | 'none';
  /** Also every object on its own. */
  crops: boolean;
  /** Also the picture itself, where it lies in no folder: a data set needs it. */
  keep: boolean;
  /** Names that are taken. */
  ids: Iterable<string>;
}

/** Quality of a JPEG that looks like the picture, crops and drawings alike. */
const QUALITY = 92;

/** Writes what is asked for beside the results, and returns what a picture's record says of it. */
export function pictureSaver({ folder, classes, save, crops, keep, ids }: SavePictureOptions) {
  const nameOf = pictureNames(ids);
  return async (picture: DetectedPicture): Promise<Pick<PictureRecord, 'id' | 'drawn' | 'kept'>> => {
    const { image, detections } = picture;
    const id = nameOf(picture);
    if (crops) await writeCrops(picture, { folder: join(folder, 'crops'), id, classes });
    const kept = keep ? await keepPicture(picture, { folder: join(folder, 'pictures'), id }) : undefined;
    if (save === 'none') return { id, kept };
    const drawn = join(folder, `${id}.${save}`);
    const drawing = await drawBoxes(image, detectionBoxes(detections, { classes }));
    const encoded = save === 'png' ? drawing.png() : drawing.jpeg({ quality: QUALITY });
    await atomicWrite(drawn, await encoded.toBuffer());
    return { id, drawn, kept };
  };
}

/** The picture as it came; as PNG where it is one of several in its file. */
async function keepPicture(
  { source, image, frame, bytes }: DetectedPicture,
  { folder, id }: { folder: string; id: string },
): Promise<string | undefined> {
  if (frame === undefined && bytes === undefined) return undefined;
  if (frame === undefined && bytes !== undefined && !isFile(source)) {
    const { format } = await sharp(bytes)
      .metadata()
      .catch(() => ({ format: 'bmp' }));
    const file = join(folder, `${id}.${format === 'jpeg' ? 'jpg' : format}`);
    await atomicWrite(file, bytes);
    return file;
  }
  const file = join(folder, `${id}.png`);
  await atomicWrite(file, await toSharp(image).png().toBuffer());
  return file;
}

/** `<class>/<picture>-<number>.jpg`, as ultralytics' `save_crop` does. */
async function writeCrops(
  { image, detections: { boxes, labels } }: DetectedPicture,
  { folder, id, classes }: { folder: string; id: string; classes: readonly string[] },
): Promise<void> {
  for (const [i, label] of labels.entries()) {
    const crop = cropBox(image, boxes.subarray(4 * i, 4 * i + 4));
    const file = join(folder, safeName(classes[label - 1]!), `${id}-${i + 1}.jpg`);
    await atomicWrite(file, await toSharp(crop).jpeg({ quality: QUALITY }).toBuffer());
  }
}

/** The whole pixels that a box touches. */
function cropBox(image: RgbImage, box: Float32Array): RgbImage {
  const [x1, y1] = [Math.floor(box[0]!), Math.floor(box[1]!)];
  const left = Math.min(Math.max(0, x1), image.width - 1);
  const top = Math.min(Math.max(0, y1), image.height - 1);
  const right = Math.min(image.width, Math.max(left + 1, Math.ceil(box[2]!)));
  const bottom = Math.min(image.height, Math.max(top + 1, Math.ceil(box[3]!)));
  return cropImage(image, { left, top, width: right - left, height: bottom - top });
}
