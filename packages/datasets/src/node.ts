export type { DatasetFormat, FileDataset } from './io/fileDataset';
export { readImage } from './io/image';
export { openDataset } from './io/openDataset';
export type { OpenDatasetOptions } from './io/openDataset';
