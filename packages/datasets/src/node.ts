export type { DatasetFormat, FileDataset } from './io/fileDataset';
export { inspectDataset } from './io/inspect/inspectDataset';
export type { DatasetInspection } from './io/inspect/inspectDataset';
export { openDataset } from './io/openDataset';
export type { OpenDatasetOptions } from './io/openDataset';
export { writeDataset } from './io/write/writeDataset';
export type { WritableFormat } from './io/write/formatWriter';
export type { WriteDatasetOptions, WriteEvent, WriteReport } from './io/write/writeDataset';
