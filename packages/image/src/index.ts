export { channelsOf, checkSize, toRgb } from './rgbImage';
export type { RgbImage, Size } from './rgbImage';
