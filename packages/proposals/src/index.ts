export { graphSegmentation } from './graphSegmentation';
export type { GraphSegmentationOptions } from './graphSegmentation';
export { hierarchicalGrouping } from './hierarchicalGrouping';
export type { GroupingOptions, Hierarchy } from './hierarchicalGrouping';
export { selectiveSearch, selectiveSearchVersion } from './selectiveSearch';
export type { SelectiveSearchOptions } from './selectiveSearch';
export { modeStrategies } from './strategies';
export type { ColorSpace, Proposals, Segmentation, SelectiveSearchMode, Similarity, Strategy } from './types';
