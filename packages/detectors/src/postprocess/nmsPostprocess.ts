import type { BoxCoder } from '@roikit/geometry';
import { postprocessDetections } from '@roikit/heads';
import type { PostprocessConfig } from '../config';
import type { Postprocess } from '../parts';

/** Decode, clip, drop low scores, NMS per class, best k: the tail that all two-stage detectors share. */
export function nmsPostprocess(
  { softNms, boxVoting, ...config }: PostprocessConfig,
  coder: BoxCoder,
): Postprocess {
  return {
    apply: (predictions, { scoreThreshold, maxDetections, nmsThreshold }) =>
      postprocessDetections(predictions, {
        ...config,
        ...(scoreThreshold !== undefined && { scoreThreshold }),
        ...(maxDetections !== undefined && { maxDetections }),
        // Whoever names a limit wants it kept: soft-NMS leaves boxes that overlap by more, and voting moves them.
        ...(nmsThreshold === undefined
          ? { softNms: softNms ?? undefined, boxVoting: boxVoting ?? undefined }
          : { nmsThreshold }),
        coder,
      }),
  };
}
