import { optimizerSchema, type OptimizerOptions } from '@roikit/training';
import * as z from 'zod';

/** How a detector's variables are updated: those of its backbone may have a rate of their own. */
export interface DetectorOptimizerOptions extends OptimizerOptions {
  /**
   * What the backbone's rate is multiplied by; 0 freezes it.
   * @default 0.2 of a pretrained one, which is near to where it should be; 1 of a random one, as Fast R-CNN. Which it is, is
   * told by whether the detector was made with weights
   */
  backboneFactor?: number;
}

/** Their schema. */
export const detectorOptimizer: z.ZodType<DetectorOptimizerOptions, DetectorOptimizerOptions> =
  optimizerSchema({ usual: 'adamw', more: { backboneFactor: z.number().min(0) } });
