import type { RgbImage } from '@roikit/image';

/** Frames are looked at in this size at most. */
const MAX_SIDE = 640;

/** The pixels of a frame of a film, which is closed. */
export function readFrame(frame: VideoFrame | ImageBitmap): RgbImage {
  const [full, across] =
    'displayWidth' in frame ? [frame.displayWidth, frame.displayHeight] : [frame.width, frame.height];
  const factor = Math.min(1, MAX_SIDE / Math.max(full, across));
  const width = Math.max(1, Math.round(full * factor));
  const height = Math.max(1, Math.round(across * factor));
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(frame, 0, 0, width, height);
  frame.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { data, width, height };
}
