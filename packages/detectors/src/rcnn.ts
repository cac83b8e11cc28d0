import { BoxCoder } from '@roikit/geometry';
import { parseOptions, type Fields } from '@roikit/training';
import * as z from 'zod';
import type * as config from './config';
import * as stage from './configSchemas';
import { croppedRegions, type CroppedRegions } from './regions/croppedRegions';
import { chosenBackbone, resolveProposals, singleLayer } from './resolveStages';
import type { DetectorType } from './detectorType';
import { GeneralizedRCNN } from './generalizedRCNN';
import { linearHead, type LinearHead } from './head/linearHead';
import { loadBackboneWeights } from './backbone/loadBackboneWeights';
import { nmsPostprocess } from './postprocess/nmsPostprocess';
import type { DetectorParts } from './parts';
import { selectiveSearchStage } from './proposals/selectiveSearchStage';
import { augmentOptions } from './training/augment';
import { stagedPhases } from './training/stagedPhases';
import { stagedTraining } from './training/stagedTraining';
import { windowPhase } from './training/windowPhase';

// R-CNN (Girshick et al., CVPR 2014): each proposal is cropped from the image with some of what surrounds it, warped to
// the network's input and goes through the whole network; one SVM a class scores its features, one ridge regression a
// class moves its box.

/** Everything that makes one; written to detector.json as it stands. */
export interface RcnnConfig {
  type: 'rcnn';
  /** Names of the classes 1…K. */
  classes: readonly string[];
  transform: config.NormalizationConfig;
  backbone: config.BackboneConfig;
  proposals: 'precomputed' | config.ProposalsConfig;
  regions: config.CropConfig;
  head: config.LinearHeadConfig;
  postprocess: config.CappedPostprocessConfig;
}

/** What a caller of `createDetector` writes: type, classes, backbone, and whatever differs from the defaults. */
export interface RcnnOptions {
  type: 'rcnn';
  classes: readonly string[];
  transform?: Partial<config.NormalizationConfig>;
  backbone: config.BackboneOptions;
  proposals?: 'precomputed' | Partial<config.ProposalsConfig>;
  regions?: Partial<config.CropConfig>;
  head?: Partial<config.LinearHeadConfig>;
  postprocess?: Partial<config.CappedPostprocessConfig>;
}

const rcnnConfig = z.strictObject({
  type: z.literal('rcnn'),
  classes: stage.classes,
  transform: stage.normalization,
  backbone: stage.backbone,
  proposals: stage.proposals,
  regions: stage.crop,
  head: stage.linearHead,
  postprocess: stage.cappedPostprocess,
} satisfies Fields<RcnnConfig>);

const rcnnOptions = z.strictObject({
  ...rcnnConfig.shape,
  transform: stage.normalization.partial().optional(),
  backbone: stage.backboneOptions,
  proposals: stage.proposalsOptions.optional(),
  regions: stage.crop.partial().optional(),
  head: stage.linearHead.partial().optional(),
  postprocess: stage.cappedPostprocess.partial().optional(),
} satisfies Fields<RcnnOptions>);

const { mean, std } = stage.DEFAULTS.transform;

const DEFAULTS = {
  // §2.1, App. A: warp with 16 pixels of context beats square crops and no context by 3 to 5 mAP.
  regions: { size: 227, mode: 'warp', context: 16 } as const,
  // The paper regresses from pool5: XᵀX of 9,216 features is 680 MB a class, of a hidden layer's 256 half a megabyte.
  head: { dropout: 0, boxFeatures: 'hidden' } as const,
};

/** 32 windows of objects and 96 of background a step (§2.3), 8 pictures' share of an epoch. */
const BATCH = { images: 8, regions: 16, positiveFraction: 0.25 };

/** The authors' code. */
const TRAINING = {
  svm: { negativeIou: 0.3 },
  boxes: { lambda: 1000, minIou: 0.6 },
};

/** Windows are cut from pictures as they are, to one size, and only mirrored. */
const rcnnTraining = stagedTraining.extend({
  augment: augmentOptions.pick({ horizontalFlip: true, verticalFlip: true }).optional(),
});

/** Fills in the defaults. `pretrained`: whether the backbone starts from ImageNet weights; random ones must all be trained. */
function resolve(options: RcnnOptions, { pretrained }: { pretrained: boolean }): RcnnConfig {
  const given = parseOptions('createDetector', rcnnOptions, options);
  const { backbone, entry } = chosenBackbone(given.backbone);
  const layers = singleLayer(backbone.layers ?? [entry.last]);
  return {
    ...given,
    transform: { mean, std, ...entry.normalization, ...given.transform },
    backbone: { frozenThrough: pretrained ? entry.frozenThrough : null, ...backbone, layers },
    proposals: resolveProposals(given.proposals),
    regions: { ...DEFAULTS.regions, outputSize: cropCells(entry), ...given.regions },
    head: { hidden: [...entry.hidden], ...DEFAULTS.head, ...given.head },
    postprocess: { ...stage.MARGIN_POSTPROCESS, ...given.postprocess },
  };
}

/** pool5 as the network's own fully connected layers take it; else 3 × 3: where in the crop the object is still shows. */
function cropCells({
  fullyConnected,
  outputSize,
}: ReturnType<typeof chosenBackbone>['entry']): [number, number] {
  return fullyConnected ? [...outputSize] : [3, 3];
}

interface RcnnParts extends DetectorParts {
  regionFeatures: CroppedRegions;
  head: LinearHead;
}

export type Rcnn = GeneralizedRCNN<RcnnParts>;

/** Puts the parts together. Without `random` the weights are zeros, to be loaded. */
function build(config: RcnnConfig, random?: () => number): Rcnn {
  const { regions, transform: normalization, backbone, classes } = config;
  const regionFeatures = croppedRegions({ ...regions, normalization, backbone, random });
  const inputShape = regionFeatures.shape;
  return new GeneralizedRCNN(config, {
    proposals: selectiveSearchStage(config.proposals), // slot 1
    regionFeatures, // slot 2
    head: linearHead({ ...config.head, numClasses: classes.length, inputShape, random }),
    postprocess: nmsPostprocess(config.postprocess, new BoxCoder()),
  });
}

/** R-CNN's entry in the registry. */
export const rcnn: DetectorType<RcnnConfig, RcnnOptions, Rcnn> = {
  about: {
    name: 'R-CNN',
    paper: { source: 'Fast R-CNN, Table 4', trainHours: 84, secondsPerImage: 47, map: 66 },
  },
  config: rcnnConfig,
  options: rcnnOptions,
  resolve,
  build,
  initialize: loadBackboneWeights,
  training: rcnnTraining,
  batch: BATCH,
  // Three stages: the network as a classifier of windows (§2.3), the SVMs (§2.3, App. B), the box regressors (App. C).
  phases: stagedPhases(windowPhase, TRAINING),
};
