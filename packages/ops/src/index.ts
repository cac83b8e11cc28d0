import './gpu/kernels';
import './gpu/spatialPyramid';
import './host/kernels';
import './groupedConv2dKernels';
import './webgpu/kernels';

export { channelShuffle } from './channelShuffle';
export type { Size } from './check';
export { groupedConv2d, type GroupedConv2dOptions } from './groupedConv2d';
export {
  normalizeImage,
  normalizePixels,
  type Normalization,
  type NormalizeImageOptions,
} from './normalizeImage';
export { roiAlign, type RoiAlignOptions } from './roiAlign';
export { roiPool, type RoiPoolOptions } from './roiPool';
export { spatialPyramidPool, type SpatialPyramidPoolOptions } from './spatialPyramidPool';
