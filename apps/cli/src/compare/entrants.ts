import { DETECTORS, type DetectorKind } from '@roikit/detectors';
import { didYouMean } from '@roikit/training';
import { join } from 'node:path';
import { compressDetector } from '../detector/compressDetector';
import { openDetector } from '../detector/openDetector';
import { UsageError } from '../errors';

/** Behind a kind's name: the detector of that kind, its fully connected layers by truncated SVD (Fast R-CNN §3.1). */
export const SVD = '+svd';

/** What is compared: a kind of detector, or one that was trained already, compressed. */
export interface Entrant {
  /** As the user wrote it; its folder's name. */
  name: string;
  kind: DetectorKind;
  compressed: boolean;
}

/** `fast-rcnn`, `fast-rcnn+svd` → what they stand for. UsageError for kinds that there are not, and where the second comes without the first. */
export function entrants(names: readonly string[]): Entrant[] {
  return names.map((name, i) => {
    const compressed = name.endsWith(SVD);
    const kind = (compressed ? name.slice(0, -SVD.length) : name) as DetectorKind;
    if (!Object.hasOwn(DETECTORS, kind)) {
      const known = Object.keys(DETECTORS);
      throw new UsageError(
        `--types: must be from ${known.join(', ')}, got ${name}${didYouMean(kind, known)}`,
      );
    }
    if (compressed && !names.slice(0, i).includes(kind))
      throw new UsageError(`--types: ${name} is ${kind} once more, compressed; write ${kind},${name}`);
    return { name, kind, compressed };
  });
}

/** The compressed form of what a run has trained. */
export async function compressRun(folder: string) {
  const whole = await openDetector(join(folder, 'detector'));
  try {
    return await compressDetector(whole);
  } finally {
    whole.dispose();
  }
}
