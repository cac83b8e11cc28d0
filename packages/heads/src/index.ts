export { fastRCNNHead, type FastRCNNHeadOptions } from './fastRCNNHead';
export { fastRCNNLoss, smoothL1Loss, type FastRCNNLossOptions, type FastRCNNTargets } from './losses';
export {
  postprocessDetections,
  type PostprocessOptions,
  type RegionPredictions,
} from './postprocessDetections';
export { sampleRegions, type RegionTargets, type SampleRegionsOptions } from './sampleRegions';
