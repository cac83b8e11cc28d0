export type {
  Boxes,
  Detections,
  GroundTruth,
  ImageSize,
  MeasuredBoxes,
  MeasuredDetections,
  MeasuredTruth,
} from './types';

export { boxArea, clipBoxesToImage, gatherBoxes, removeSmallBoxes, resizeBoxes } from './boxes';
export { boxConvert, type BoxFormat } from './boxConvert';
export {
  alignedBoxIou,
  alignedCompleteBoxIou,
  alignedDistanceBoxIou,
  alignedGeneralizedBoxIou,
  boxIou,
  completeBoxIou,
  distanceBoxIou,
  generalizedBoxIou,
} from './boxIou';
export { batchedNms, nms, type NmsOptions } from './nms';
export { boxVoting, type BoxVotingOptions } from './boxVoting';
export { batchedSoftNms, softNms, type SoftNmsOptions, type SoftNmsResult } from './softNms';
export { AnchorGenerator, type AnchorGeneratorOptions, type Anchors } from './anchorGenerator';
export { BoxCoder, type BoxCoderOptions } from './boxCoder';
export { Matcher, type MatcherOptions, type MatchQualityShape } from './matcher';
export {
  BalancedPositiveNegativeSampler,
  type BalancedPositiveNegativeSamplerOptions,
  type SampledIndices,
} from './balancedPositiveNegativeSampler';
export { mulberry32, type SeededRandom } from './random';
export {
  matchDetections,
  type DetectionMatches,
  type MatchDetectionsOptions,
} from './metrics/matchDetections';
export { FALSE_POSITIVE, IGNORED, isIgnored, TRUE_POSITIVE } from './metrics/outcomes';
export { evaluateVoc, type VocClassResult, type VocOptions, type VocResult } from './metrics/evaluateVoc';
export {
  parseCocoAnnotations,
  type CocoAnnotations,
  type CocoAnnotationsOptions,
} from './metrics/cocoAnnotations';
export type { CocoId } from './metrics/cocoJson';
export {
  formatCocoResults,
  parseCocoResults,
  type CocoResultsOptions,
  type ParseCocoResultsOptions,
} from './metrics/cocoResults';
export { evaluateCoco, type CocoOptions, type CocoResult } from './metrics/evaluateCoco';
export type { CocoClassResult, CocoStats } from './metrics/cocoSummarize';
export {
  averagePrecision,
  precisionRecallCurve,
  type Interpolation,
  type PrecisionRecallCurve,
} from './metrics/precisionRecallCurve';
export {
  averageBestOverlap,
  proposalRecall,
  type AverageBestOverlap,
  type ProposalOptions,
  type ProposalRecallOptions,
} from './metrics/proposals';
export {
  confusionMatrix,
  type ConfusionMatrix,
  type ConfusionMatrixOptions,
} from './metrics/confusionMatrix';
