import { transfer } from 'comlink';
import { api, guarded, showPicture } from './actions';
import * as session from './session';
import { shown, webcam } from './session';
import { chooseRegion, stage } from './walk';

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
  const frame = await grab();
  const { image, snapshot } = await api.detectInFrame(transfer(frame, [frame]));
  if (webcam.value === undefined) return;
  session.shown.value = { name: 'webcam', image };
  session.snapshot.value = snapshot;
  session.liveRate.value = 1000 / (performance.now() - started);
}

/** The frame that is seen now; its pixels are read in the worker. */
const grab = async (): Promise<VideoFrame | ImageBitmap> =>
  'VideoFrame' in globalThis ? new VideoFrame(video) : createImageBitmap(video);

export async function stopWebcam(): Promise<void> {
  for (const track of webcam.value?.getTracks() ?? []) track.stop();
  webcam.value = undefined;
}

/** Ends the film and walks through its last frame. */
export async function lookAtFrame(): Promise<void> {
  await stopWebcam();
  if (shown.value) await showPicture(shown.value);
}
