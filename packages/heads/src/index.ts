export { giouBoxLoss, giouLoss, smoothL1BoxLoss, type BoxLoss } from './boxLoss';
export {
  BoxRidgeRegression,
  boxRegressionExamples,
  type BoxRegressionExamplesOptions,
  type BoxRidgeRegressionOptions,
  type BoxRidgeRegressionState,
  type LinearBoxRegressor,
} from './boxRidgeRegression';
export { fastRCNNConvFCHead, type FastRCNNConvFCHeadOptions } from './fastRCNNConvFCHead';
export { fastRCNNHead, type FastRCNNHeadOptions } from './fastRCNNHead';
export { fastRCNNLoss, softmaxLoss, type FastRCNNLossOptions, type FastRCNNTargets } from './fastRCNNLoss';
export { FeatureNorm } from './featureNorm';
export { featurePyramid, type FeaturePyramidOptions } from './featurePyramid';
export {
  filterCandidates,
  filterProposals,
  type FilterProposalsOptions,
  type ProposalCandidates,
  type RpnPredictions,
  type ScoredProposals,
} from './filterProposals';
export {
  HardNegativeMiner,
  type HardNegativeMinerOptions,
  type HardNegativeMinerState,
} from './hardNegativeMiner';
export {
  trainLinearSvm,
  type LinearClassifier,
  type LinearSvm,
  type LinearSvmOptions,
  type SvmExamples,
} from './linearSvm';
export { assignLevels, inferScale, type LevelMapperOptions } from './levelMapper';
export { poolByLevel } from './poolByLevel';
export { multiScaleRoiAlign, type MultiScaleRoiAlignOptions } from './multiScaleRoiAlign';
export {
  postprocessDetections,
  type PostprocessOptions,
  type RegionPredictions,
} from './postprocessDetections';
export { rpnHead, type RpnHeadOptions } from './rpnHead';
export { rpnLoss, type RpnLossOptions } from './rpnLoss';
export {
  labelAnchors,
  sampleAnchors,
  type AnchorLabels,
  type AnchorTargets,
  type SampleAnchorsOptions,
} from './sampleAnchors';
export {
  labelRegions,
  regionTargets,
  sampleRegions,
  type LabelledRegions,
  type LabelRegionsOptions,
  type RegionTargets,
  type SampleRegionsOptions,
} from './sampleRegions';
export { smoothL1Loss, type SmoothL1Options } from './smoothL1Loss';
export { topK } from './topK';
export { truncatedSvd, type TruncatedSvd, type TruncatedSvdOptions } from './truncatedSvd';
export { svmHead, SVM_SCORE_THRESHOLD, type SvmHead, type SvmHeadOptions } from './svmHead';
