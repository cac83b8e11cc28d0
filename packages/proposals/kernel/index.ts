export { edgeLevels, sortEdges } from './graph';
export {
  addRows,
  countCodes,
  countColors,
  countsToFloats,
  intersection,
  measure,
  touchingPairs,
} from './regions';
export { joinSimilar, joinSmall, label, resetForest } from './segment';
export { convolveColumns, convolveRows } from './smooth';
export { textureCodes } from './texture';
