export { flipBoxes, flipImage, flipSample, type FlipOptions } from './augment/flip';
export { subset } from './subset';
export { SampleError } from './types';
export type { Dataset, Sample } from './types';
