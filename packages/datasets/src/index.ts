export { flipBoxes, flipImage, flipSample, type FlipOptions } from './augment/flip';
export { digits } from './digits/digits';
export type { DigitsOptions } from './digits/digits';
export type { DigitsSplit } from './digits/pool';
export { subset } from './subset';
export { SampleError } from './types';
export type { Dataset, Sample } from './types';
