import type { FeatureMap, GeneralizedRCNN, StageEvent, TimedDetections } from '@roikit/detectors';
import type { RgbImage } from '@roikit/image';
import { candidatesOf, refine, regionsOf } from './candidates';
import type { MapData, Snapshot } from './protocol';

/** Runs a detector stage by stage, keeps what each has computed, and works out what the page asks of it. */
export async function takeSnapshot(
  detector: GeneralizedRCNN,
  image: RgbImage,
  { signal, onStage }: { signal: AbortSignal; onStage: (stage: StageEvent['type']) => void },
): Promise<Snapshot> {
  // R-CNN makes no input of the whole picture, and no maps.
  const { width, height } = image;
  const told: Told = { maps: [], inputSize: { width, height } } as unknown as Told;
  for await (const event of detector.stages(image)) {
    onStage(event.type);
    await keep(event, told);
    await breathe();
    signal.throwIfAborted();
  }
  const { config } = detector;
  const refined = refine(told, config, { width, height });
  const candidates = candidatesOf(told.scores, refined, { config, classes: config.classes.length });
  const { timings, ...detections } = told.detections;
  const regions = regionsOf(detections, candidates);
  return { ...told, timings: { ...timings }, detections: { ...detections, regions }, refined, candidates };
}

/** What there is of a picture in which only detections were looked for. */
export function quickSnapshot(image: RgbImage, { timings, ...detections }: TimedDetections): Snapshot {
  const none = new Float32Array(0);
  const [labels, regions] = [new Int32Array(0), new Int32Array(0)];
  return {
    timings: { ...timings },
    inputSize: { width: image.width, height: image.height },
    maps: [],
    proposals: none,
    scores: none,
    boxOffsets: none,
    refined: none,
    candidates: { boxes: none, scores: none, labels, regions },
    detections: { ...detections, regions: new Int32Array(detections.labels.length).fill(-1) },
  };
}

/** The buffers that go over to the page instead of being copied. */
export function buffersOf({ maps, refined, scores, boxOffsets, candidates }: Snapshot): Transferable[] {
  const own = [refined, scores, boxOffsets, ...Object.values(candidates)] as Float32Array[];
  return [...new Set([...maps.map(({ values }) => values.buffer), ...own.map(({ buffer }) => buffer)])];
}

/** What the stages have told. */
type Told = Omit<Snapshot, 'refined' | 'candidates' | 'timings' | 'detections'> & {
  detections: TimedDetections;
};

async function keep(event: StageEvent, told: Told): Promise<void> {
  switch (event.type) {
    case 'transform':
      told.inputSize = event.input.size;
      break;
    case 'maps':
      told.maps = await Promise.all(event.maps.map(readMap));
      break;
    case 'proposals':
      told.proposals = event.boxes.slice();
      break;
    case 'predictions':
      told.scores = event.predictions.scores.slice();
      told.boxOffsets = event.predictions.boxOffsets.slice();
      break;
    case 'detections':
      told.detections = event.detections;
      break;
  }
}

async function readMap({ map, field }: FeatureMap): Promise<MapData> {
  const [, height, width, channels] = map.shape;
  const values = ((await map.data()) as Float32Array).slice();
  const peaks = peaksOf(values, channels);
  return { width, height, channels, values, peaks, stride: field.stride, center: field.center };
}

/** Largest value of each channel. */
function peaksOf(values: Float32Array, channels: number): Float32Array {
  const most = new Float32Array(channels);
  for (let i = 0; i < values.length; i += channels) {
    for (let c = 0; c < channels; c++) if (values[i + c]! > most[c]!) most[c] = values[i + c]!;
  }
  return most;
}

/** Lets messages in, such as that the work is no longer wanted. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
