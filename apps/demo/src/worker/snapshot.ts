import type { FeatureMap, GeneralizedRCNN, StageEvent } from '@roikit/detectors';
import type { RgbImage } from '@roikit/image';
import type { MapData, Snapshot } from './protocol';

/** Runs a detector stage by stage and keeps what each has computed. */
export async function takeSnapshot(
  detector: GeneralizedRCNN,
  image: RgbImage,
  { signal, onStage }: { signal: AbortSignal; onStage: (stage: StageEvent['type']) => void },
): Promise<Snapshot> {
  // R-CNN makes no input of the whole picture, and no maps.
  const { width, height } = image;
  const snapshot: Partial<Snapshot> = { maps: [], inputSize: { width, height } };
  for await (const event of detector.stages(image)) {
    onStage(event.type);
    await keep(event, snapshot);
    await breathe();
    signal.throwIfAborted();
  }
  return snapshot as Snapshot;
}

async function keep(event: StageEvent, snapshot: Partial<Snapshot>): Promise<void> {
  switch (event.type) {
    case 'transform':
      snapshot.inputSize = event.input.size;
      break;
    case 'maps':
      snapshot.maps = await Promise.all(event.maps.map(readMap));
      break;
    case 'proposals':
      snapshot.proposals = event.boxes.slice();
      break;
    case 'predictions':
      snapshot.scores = event.predictions.scores;
      snapshot.boxOffsets = event.predictions.boxOffsets;
      break;
    case 'detections': {
      const { timings, ...detections } = event.detections;
      snapshot.detections = detections;
      snapshot.timings = { ...timings };
      break;
    }
  }
}

async function readMap({ map, field }: FeatureMap): Promise<MapData> {
  const [, height, width, channels] = map.shape;
  const values = (await map.data()) as Float32Array;
  return { width, height, channels, values: values.slice(), stride: field.stride, center: field.center };
}

/** Lets messages in, such as that the work is no longer wanted. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
