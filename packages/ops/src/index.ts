import './host/kernels';

export { roiAlign, type RoiAlignOptions } from './roiAlign';
export { roiPool, type RoiPoolOptions } from './roiPool';
export { spatialPyramidPool, type SpatialPyramidPoolOptions } from './spatialPyramidPool';
export type { Size } from './check';
