import './host/roiPool';

export { roiPool, type RoiPoolOptions } from './roiPool';
export type { Size } from './check';
