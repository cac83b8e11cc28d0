import { BoxCoder } from '@roikit/geometry';
import { parseOptions, type Fields, type PhaseEntry } from '@roikit/training';
import * as z from 'zod';
import type * as config from './config';
import * as stage from './configSchemas';
import { convBackbone } from './backbone/convBackbone';
import type { DetectorType, TrainData } from './detectorType';
import { GeneralizedRCNN } from './generalizedRCNN';
import { imagePyramid } from './backbone/imagePyramid';
import { loadBackboneWeights } from './backbone/loadBackboneWeights';
import { nmsPostprocess } from './postprocess/nmsPostprocess';
import { selectiveSearchStage } from './proposals/selectiveSearchStage';
import { roiPoolRegions } from './regions/roiPoolRegions';
import { chosenBackbone, resolveProposals } from './resolveStages';
import { softmaxHead, type SoftmaxHead } from './head/softmaxHead';
import { svmSoftmaxHead, type SvmSoftmaxHead } from './head/svmSoftmaxHead';
import { multiTaskPhase, type MultiTaskParts } from './training/multiTaskPhase';
import { multiTaskTraining } from './training/multiTaskTraining';
import { stagedTraining } from './training/stagedTraining';
import { svmPhase, type SvmDetector } from './training/svmPhase';
import type { ResolvedTrainOptions } from './training/trainOptions';
import { resizeTransform } from './transform/resizeTransform';
import type { Report } from './types';

// Fast R-CNN (Girshick, ICCV 2015): one pass of the backbone over the image, one feature map, and for each proposal RoI
// max pooling, fully connected layers, class scores and class-specific box offsets.

/** Fully connected layers under softmax or SVMs. */
interface FastRCNNHeadConfig extends config.HeadConfig {
  /** What scores a region: the softmax, or SVMs on the last hidden layer (§5.4). @default 'softmax' */
  classifier?: 'softmax' | 'svm';
}

/** Everything that makes one; written to detector.json as it stands. */
export interface FastRCNNConfig {
  type: 'fast-rcnn';
  /** Names of the classes 1…K. */
  classes: readonly string[];
  transform: config.TransformConfig;
  /** Of an image pyramid, times the transform's size. @default [1] the image at one size */
  scales?: number[];
  backbone: config.BackboneConfig;
  neck: config.NeckConfig | null;
  proposals: 'precomputed' | config.ProposalsConfig;
  regions: config.RegionsConfig;
  head: FastRCNNHeadConfig;
  boxCoder: config.BoxCoderConfig;
  postprocess: config.PostprocessConfig;
}

/** What a caller of `createDetector` writes: type, classes, backbone, and whatever differs from the defaults. */
export interface FastRCNNOptions {
  type: 'fast-rcnn';
  classes: readonly string[];
  transform?: Partial<config.TransformConfig>;
  scales?: number[];
  backbone: config.BackboneOptions;
  neck?: config.NeckConfig | null;
  proposals?: 'precomputed' | Partial<config.ProposalsConfig>;
  regions?: config.RegionsConfig;
  head?: Partial<FastRCNNHeadConfig>;
  boxCoder?: config.BoxCoderConfig;
  postprocess?: Partial<config.PostprocessConfig>;
}

const head = z.strictObject({
  ...stage.head.shape,
  classifier: z.enum(['softmax', 'svm']).optional(),
} satisfies Fields<FastRCNNHeadConfig>);

const fastRCNNConfig = z.strictObject({
  type: z.literal('fast-rcnn'),
  classes: stage.classes,
  transform: stage.transform,
  scales: stage.scales.optional(),
  backbone: stage.backbone,
  neck: stage.neck.nullable(),
  proposals: stage.proposals,
  regions: stage.regions,
  head,
  boxCoder: stage.boxCoder,
  postprocess: stage.softPostprocess,
} satisfies Fields<FastRCNNConfig>);

const fastRCNNOptions = z.strictObject({
  ...fastRCNNConfig.shape,
  transform: stage.transform.partial().optional(),
  backbone: stage.backboneOptions,
  neck: stage.neck.nullable().optional(),
  proposals: stage.proposalsOptions.optional(),
  regions: stage.regions.optional(),
  head: head.partial().optional(),
  boxCoder: stage.boxCoder.optional(),
  postprocess: stage.softPostprocess.partial().optional(),
} satisfies Fields<FastRCNNOptions>);

/** Fills in the defaults; the paper's own: recipes/paper-fast-rcnn.json. `pretrained`: whether the backbone starts from ImageNet weights; random ones must all be trained. */
function resolve(options: FastRCNNOptions, { pretrained }: { pretrained: boolean }): FastRCNNConfig {
  const given = parseOptions('createDetector', fastRCNNOptions, options);
  const { backbone, entry } = chosenBackbone(given.backbone);
  const neck = given.neck === undefined ? entry.neck : given.neck;
  // Without a neck one map is used as it is, the deepest.
  const layers = backbone.layers ?? (neck ? [...entry.layers] : entry.layers.slice(-1));
  if (layers.length > 1 && !neck) {
    throw new RangeError(
      `createDetector: ${layers.length} backbone.layers (${layers.join(', ')}) need neck: { channels } to merge them, got none`,
    );
  }
  return {
    ...given,
    transform: { ...stage.DEFAULTS.transform, ...entry.normalization, ...given.transform },
    backbone: { frozenThrough: pretrained ? entry.frozenThrough : null, ...backbone, layers },
    neck,
    proposals: resolveProposals(given.proposals),
    // What the backbone's own fully connected layers expect: VGG16's 7 × 7 (§2.1), AlexNet's 6 × 6.
    regions: given.regions ?? { outputSize: [...entry.outputSize] },
    head: { hidden: [...entry.hidden], dropout: 0, ...given.head },
    boxCoder: given.boxCoder ?? stage.DEFAULTS.boxCoder,
    postprocess: { ...postprocessOf(given), ...given.postprocess },
  };
}

function postprocessOf({ head: given, postprocess }: FastRCNNOptions): FastRCNNConfig['postprocess'] {
  // Two thousand regions leave many boxes around each object: their mean is more exact than any (docs/defaults.md).
  const defaults = { ...stage.DEFAULTS.postprocess, boxVoting: { iouThreshold: 0.8 } };
  if (given?.classifier !== 'svm') return defaults;
  if (postprocess?.softNms) {
    throw new RangeError(
      "createDetector: postprocess.softNms lowers probabilities, and head.classifier 'svm' gives margins; leave one of the two out",
    );
  }
  const { scoreThreshold, nmsThreshold } = stage.MARGIN_POSTPROCESS;
  return { ...defaults, scoreThreshold, nmsThreshold, softNms: null };
}

interface FastRCNNParts extends MultiTaskParts {
  head: SoftmaxHead | SvmSoftmaxHead;
}

export type FastRCNN = GeneralizedRCNN<FastRCNNParts>;

/** Puts the parts together. Without `random` the weights are zeros, to be loaded. */
function build(config: FastRCNNConfig, random?: () => number): FastRCNN {
  const { regions, classes } = config;
  const { classifier = 'softmax', ...layers } = config.head;
  const makeHead = classifier === 'svm' ? svmSoftmaxHead : softmaxHead;
  const backbone = imagePyramid(convBackbone(config.backbone, config.neck, random), config.scales);
  const { channels, smallestInput } = backbone;
  const inputShape: [number, number, number] = [...regions.outputSize, channels];
  const coder = new BoxCoder({ weights: config.boxCoder.weights });
  return new GeneralizedRCNN(config, {
    transform: resizeTransform(config.transform, smallestInput),
    backbone,
    proposals: selectiveSearchStage(config.proposals), // slot 1
    regionFeatures: roiPoolRegions({ ...regions, channels }), // slot 2
    head: makeHead({ ...layers, numClasses: classes.length, inputShape, random }),
    postprocess: nmsPostprocess(config.postprocess, coder),
    coder,
  });
}

const fastRCNNTraining = multiTaskTraining.extend({ svm: stagedTraining.shape.svm });

/** As fast-rcnn's train_svms.py, where it differs from R-CNN's. */
const SVM = { evictThreshold: -1.1 };

/** One stage: the multi-task loss trains backbone, head and box regressors together (§2.3); then the SVMs, where there are any (§5.4). */
function phases(detector: FastRCNN, data: TrainData, options: ResolvedTrainOptions): PhaseEntry<Report>[] {
  const training = multiTaskPhase(detector, data, options);
  const { head: fitted } = detector.parts;
  if ('setClassifiers' in fitted)
    return [training, svmPhase(detector as SvmDetector, data, { ...SVM, ...options.svm })];
  if (options.svm === undefined) return [training];
  throw new RangeError("train: svm is for a detector made with head: { classifier: 'svm' }; leave it out");
}

/** Fast R-CNN's entry in the registry. */
export const fastRCNN: DetectorType<FastRCNNConfig, FastRCNNOptions, FastRCNN> = {
  about: {
    name: 'Fast R-CNN',
    paper: { source: 'Fast R-CNN, Table 4', trainHours: 9.5, secondsPerImage: 0.32, map: 66.9 },
    svd: { source: 'Fast R-CNN, Table 4', trainHours: 9.5, secondsPerImage: 0.22, map: 66.6 },
  },
  config: fastRCNNConfig,
  options: fastRCNNOptions,
  resolve,
  build,
  initialize: loadBackboneWeights,
  training: fastRCNNTraining,
  batch: { images: 2 }, // §2.3
  phases,
};
