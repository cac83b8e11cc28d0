import type { BaseConfig, TimedDetections } from '@roikit/detectors';
import {
  BoxCoder,
  boxIou,
  clipBoxesToImage,
  gatherBoxes,
  type Boxes,
  type ImageSize,
} from '@roikit/geometry';
import type { Candidates, Snapshot } from './protocol';

/** What a detector's configuration says of the way from predictions to detections. */
interface Config {
  postprocess: BaseConfig['postprocess'] & { maxPerClass?: number };
  boxCoder?: ConstructorParameters<typeof BoxCoder>[0];
}

/** Every proposal refined for every class, `[R, K + 1, 4]`, within the picture. */
export function refine(
  { boxOffsets, proposals }: Pick<Snapshot, 'boxOffsets' | 'proposals'>,
  config: object,
  size: ImageSize,
): Boxes {
  const coder = new BoxCoder((config as Config).boxCoder ?? {});
  return clipBoxesToImage(coder.decode(boxOffsets, proposals), size);
}

/** The refined boxes that compete in suppression: those above the detector's lowest score. */
export function candidatesOf(
  scores: Float32Array,
  refined: Boxes,
  { config, classes }: { config: object; classes: number },
): Candidates {
  const { scoreThreshold, maxPerClass = Infinity } = (config as Config).postprocess;
  const columns = classes + 1;
  const pairs: number[] = [];
  for (let i = 0; i < scores.length; i++) if (i % columns !== 0 && scores[i]! > scoreThreshold) pairs.push(i);
  pairs.sort((a, b) => scores[b]! - scores[a]! || a - b);
  const taken = new Int32Array(columns);
  // R-CNN's test lets no more than so many of a class through.
  const best = pairs.filter((i) => ++taken[i % columns]! <= maxPerClass);
  return {
    boxes: gatherBoxes(refined, best),
    scores: Float32Array.from(best, (i) => scores[i]!),
    labels: Int32Array.from(best, (i) => i % columns),
    regions: Int32Array.from(best, (i) => Math.floor(i / columns)),
  };
}

/**
 * The proposal that each detection comes from, −1 where there is none: of the candidates of its class the one that overlaps
 * it most. Soft-NMS lowers scores and voting moves boxes, so neither is equal.
 */
export function regionsOf(
  { boxes, labels }: Pick<TimedDetections, 'boxes' | 'labels'>,
  candidates: Candidates,
): Int32Array {
  return Int32Array.from(labels, (label, i) => {
    const overlaps = boxIou(boxes.subarray(4 * i, 4 * i + 4), candidates.boxes);
    let best = -1;
    for (let c = 0; c < overlaps.length; c++)
      if (candidates.labels[c] === label && (best < 0 || overlaps[c]! > overlaps[best]!)) best = c;
    return best < 0 ? -1 : candidates.regions[best]!;
  });
}
