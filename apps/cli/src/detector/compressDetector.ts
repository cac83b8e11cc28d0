import { compress, compressible, type CompressedLayer, type GeneralizedRCNN } from '@roikit/detectors';
import { UserError } from '../errors';

/** Fast R-CNN §4.4: VGG16's fc6, 25,088 × 4,096, at 1,024. */
const SHARE = 1 / 4;

/**
 * A smaller copy of a detector, by truncated SVD. UserError where its head has no layer for that.
 *
 * @param ranks by layer @default a quarter of the largest rank of each
 */
export async function compressDetector(
  detector: GeneralizedRCNN,
  ranks?: Readonly<Record<string, number>>,
): Promise<{ detector: GeneralizedRCNN; layers: CompressedLayer[] }> {
  const largest = await compressible(detector);
  if (Object.keys(largest).length === 0)
    throw new UserError('compress: the detector has no fully connected layer that could be made smaller');
  const quarters = Object.entries(largest).map(([name, rank]) => [name, Math.ceil(rank * SHARE)] as const);
  return compress(detector, ranks ?? Object.fromEntries(quarters));
}
