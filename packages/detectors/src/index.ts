export type { BackboneName } from './backbone/backbones';
export type {
  BackboneConfig,
  BaseConfig,
  NeckConfig,
  NormalizationConfig,
  PostprocessConfig,
  ProposalsConfig,
  RpnConfig,
  TransformConfig,
} from './config';
export { COCO_CLASSES } from './files/cocoClasses';
export { combinedPart } from './combinedPart';
export { compress, compressible, type CompressedLayer } from './compress';
export { convBackbone, type ConvBackbone } from './backbone/convBackbone';
export {
  createDetector,
  resolveConfig,
  type CreateDetectorOptions,
  type InitialWeights,
} from './createDetector';
export { packDetector, unpackDetector } from './files/detectorFiles';
export type { DetectorFiles, DetectorManifest, PackOptions } from './files/detectorFiles';
export { detectAll, imagesAtOnce } from './evaluation/detectAll';
export type { About, DetectorType, TrainData } from './detectorType';
export { evaluate, makeReport, type EvaluateOptions } from './evaluation/evaluate';
export type { FasterRCNN, FasterRCNNConfig, FasterRCNNOptions } from './fasterRCNN';
export type { FastRCNN, FastRCNNConfig, FastRCNNOptions } from './fastRCNN';
export { fpnBackbone } from './backbone/fpnBackbone';
export { dataFingerprint } from './fingerprint';
export {
  fromTorchvision,
  torchvisionArchitectures,
  type FromTorchvisionOptions,
} from './files/fromTorchvision';
export { GeneralizedRCNN } from './generalizedRCNN';
export { inOrder } from './evaluation/inOrder';
export { leastScores, type LeastScores, type ScoreKind } from './postprocess/leastScores';
export { loadDetector, readDetectorFiles, type LoadDetectorOptions } from './files/loadDetector';
export { modelPart } from './modelPart';
export { multiScaleRegions, type MultiScaleRegionsOptions } from './regions/multiScaleRegions';
export { nmsPostprocess } from './postprocess/nmsPostprocess';
export { paddedTransform } from './transform/paddedTransform';
export type {
  Backbone,
  DetectionLimits,
  DetectorParts,
  FeatureMap,
  ImageTransform,
  Part,
  Postprocess,
  ProposalContext,
  ProposalStage,
  RegionContext,
  RegionFeatures,
  RegionHead,
  RegionPredictionTensors,
  TransformedImage,
} from './parts';
export {
  DEFAULT_KIND,
  DETECTORS,
  type DetectorConfig,
  type DetectorKind,
  type DetectorOptions,
} from './registry';
export {
  regionProposalNetwork,
  type RegionProposalNetwork,
  type RegionProposalNetworkOptions,
} from './proposals/regionProposalNetwork';
export type { RegionPredictions } from '@roikit/heads';
export { roiPoolRegions, type RoiPoolRegionsOptions } from './regions/roiPoolRegions';
export { selectiveSearchStage } from './proposals/selectiveSearchStage';
export { softmaxHead, type SoftmaxHead, type SoftmaxHeadOptions } from './head/softmaxHead';
export type { Rcnn, RcnnConfig, RcnnOptions } from './rcnn';
export type { SppNet, SppNetConfig, SppNetOptions } from './sppNet';
export type { StageTimings } from './stageClock';
export { resolveLearning, type LearningOptions } from './training/defaults';
export { train } from './training/train';
export type { DetectorOptimizerOptions } from './training/detectorOptimizer';
export { commonTraining, type TrainOptions } from './training/trainOptions';
export { transferDetector, type TransferOptions } from './transferDetector';
export { resizeTransform } from './transform/resizeTransform';
export type {
  Detector,
  DetectOptions,
  EvaluateEvent,
  ProposalSource,
  Report,
  StageEvent,
  TimedDetections,
  TrainEvent,
} from './types';
