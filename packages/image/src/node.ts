export { ImageFileError } from './node/imageFileError';
export { imageExtensions, readImage, readImageSize } from './node/readImage';
export { toSharp, writeImage } from './node/writeImage';
