export { ImageFileError } from './node/imageFileError';
export { listFiles } from './node/listFiles';
export type { PictureSource } from './node/pictureSource';
export { readFrames, type Frame } from './node/readFrames';
export { imageExtensions, readImage, readImageHeader, readImageSize } from './node/readImage';
export type { ImageHeader, ReadImageOptions } from './node/readImage';
export { toSharp, writeImage } from './node/writeImage';
