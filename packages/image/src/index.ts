export { centerCrop, cropImage, type Crop } from './cropImage';
export { flipImage, type FlipOptions } from './flipImage';
export { resizePillow, type Interpolation, type ResizePillowOptions } from './resizePillow';
export { resizeTorchvision } from './resizeTorchvision';
export { channelsOf, checkSize, toRgb, type RgbImage, type Size } from './rgbImage';
export type { Window } from './sampleWindow';
export { warpCrop, type WarpCropOptions } from './warpCrop';
export { warpImage, type WarpImageOptions } from './warpImage';
