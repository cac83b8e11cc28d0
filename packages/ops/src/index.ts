import './host/kernels';

export { roiPool, type RoiPoolOptions } from './roiPool';
export type { Size } from './check';
