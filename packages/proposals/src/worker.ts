import type { RgbImage } from '@roikit/image';
import { runStrategies } from './runStrategies';
import type { Strategy } from './types';

/** One task of the pool. The name of the export is what the pool asks for. */
export const run = ({ image, strategies }: { image: RgbImage; strategies: Strategy[] }): Int32Array[] =>
  runStrategies(image, strategies);
