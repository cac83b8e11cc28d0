import type { BoxCoder } from '@roikit/geometry';
import { postprocessDetections } from '@roikit/heads';
import type { PostprocessConfig } from './config';
import type { Postprocess } from './parts';

/** Decode, clip, drop low scores, NMS per class, best k: the tail that all two-stage detectors share. */
export function nmsPostprocess(
  { boxVoting, softNms, ...config }: PostprocessConfig,
  coder: BoxCoder,
): Postprocess {
  return {
    apply: (predictions, { scoreThreshold, maxDetections, nmsThreshold }) =>
      postprocessDetections(predictions, {
        ...config,
        softNms: softNms ?? undefined,
        boxVoting: boxVoting ?? undefined,
        ...(scoreThreshold !== undefined && { scoreThreshold }),
        ...(maxDetections !== undefined && { maxDetections }),
        ...(nmsThreshold !== undefined && { nmsThreshold }),
        coder,
      }),
  };
}
