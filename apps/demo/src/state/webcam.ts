import type { RgbImage } from '@roikit/image';
import { api, guarded, showPicture } from './actions';
import * as session from './session';
import { shown, toShown, webcam } from './session';
import { chooseRegion, stage } from './walk';

/** Frames are looked at in this size at most. */
const MAX_SIDE = 640;

const video = document.createElement('video');
video.muted = true;
video.playsInline = true;

/** Detects in frame after frame until it is stopped; a frame is grabbed when the last one is done. */
export const startWebcam = () =>
  guarded(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
    video.srcObject = stream;
    await video.play();
    webcam.value = stream;
    stage.value = 'result';
    chooseRegion(undefined);
    while (webcam.value === stream) await look();
  });

async function look(): Promise<void> {
  const started = performance.now();
  const picture = toShown('webcam', grab());
  const { timings, ...detections } = await api.detectQuickly(picture.image);
  if (webcam.value === undefined) return;
  session.shown.value = picture;
  const none = new Float32Array(0);
  session.snapshot.value = {
    timings,
    detections,
    inputSize: picture.image,
    maps: [],
    proposals: none,
    scores: none,
    boxOffsets: none,
  };
  session.liveRate.value = 1000 / (performance.now() - started);
}

function grab(): RgbImage {
  const factor = Math.min(1, MAX_SIDE / Math.max(video.videoWidth, video.videoHeight));
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(video.videoWidth * factor)),
    Math.max(1, Math.round(video.videoHeight * factor)),
  );
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

export async function stopWebcam(): Promise<void> {
  for (const track of webcam.value?.getTracks() ?? []) track.stop();
  webcam.value = undefined;
}

/** Ends the film and walks through its last frame. */
export async function lookAtFrame(): Promise<void> {
  await stopWebcam();
  if (shown.value) await showPicture(shown.value);
}
