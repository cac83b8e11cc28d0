import { BoxCoder } from '@roikit/geometry';
import { parseOptions, type Fields } from '@roikit/training';
import * as z from 'zod';
import type * as config from './config';
import * as stage from './configSchemas';
import { convBackbone, type ConvBackbone } from './backbone/convBackbone';
import type { DetectorType } from './detectorType';
import { GeneralizedRCNN } from './generalizedRCNN';
import { imagePyramid } from './backbone/imagePyramid';
import { linearHead, type LinearHead } from './head/linearHead';
import { loadBackboneWeights } from './backbone/loadBackboneWeights';
import { nmsPostprocess } from './postprocess/nmsPostprocess';
import type { DetectorParts, ImageTransform } from './parts';
import { selectiveSearchStage } from './proposals/selectiveSearchStage';
import { pyramidLength, spatialPyramidRegions } from './regions/spatialPyramidRegions';
import { chosenBackbone, resolveProposals, singleLayer } from './resolveStages';
import { softmaxPhase } from './training/softmaxPhase';
import { stagedPhases } from './training/stagedPhases';
import { stagedTraining } from './training/stagedTraining';
import { resizeTransform } from './transform/resizeTransform';

// SPP-net (He et al., ECCV 2014, §4): one pass of the backbone over the image at each of a few sizes, a feature map of
// each, and for each proposal a spatial pyramid of max pooling over the map of the size that suits it, fully connected
// layers, one SVM and one box regressor a class.

/** Everything that makes one; written to detector.json as it stands. */
export interface SppNetConfig {
  type: 'spp-net';
  /** Names of the classes 1…K. */
  classes: readonly string[];
  transform: config.TransformConfig;
  /** Of an image pyramid, times the transform's size. @default [1] the image at one size */
  scales?: number[];
  backbone: config.BackboneConfig;
  proposals: 'precomputed' | config.ProposalsConfig;
  regions: config.PyramidConfig;
  head: config.LinearHeadConfig;
  postprocess: config.CappedPostprocessConfig;
}

/** What a caller of `createDetector` writes: type, classes, backbone, and whatever differs from the defaults. */
export interface SppNetOptions {
  type: 'spp-net';
  classes: readonly string[];
  transform?: Partial<config.TransformConfig>;
  scales?: number[];
  backbone: config.BackboneOptions;
  proposals?: 'precomputed' | Partial<config.ProposalsConfig>;
  regions?: config.PyramidConfig;
  head?: Partial<config.LinearHeadConfig>;
  postprocess?: Partial<config.CappedPostprocessConfig>;
}

const sppNetConfig = z.strictObject({
  type: z.literal('spp-net'),
  classes: stage.classes,
  transform: stage.transform,
  scales: stage.scales.optional(),
  backbone: stage.backbone,
  proposals: stage.proposals,
  regions: stage.pyramid,
  head: stage.linearHead,
  postprocess: stage.cappedPostprocess,
} satisfies Fields<SppNetConfig>);

const sppNetOptions = z.strictObject({
  ...sppNetConfig.shape,
  transform: stage.transform.partial().optional(),
  backbone: stage.backboneOptions,
  proposals: stage.proposalsOptions.optional(),
  regions: stage.pyramid.optional(),
  head: stage.linearHead.partial().optional(),
  postprocess: stage.cappedPostprocess.partial().optional(),
} satisfies Fields<SppNetOptions>);

const DEFAULTS = {
  regions: { levels: [1, 2, 3, 6] }, // §4.1: 50 bins
  // The paper regresses from the pooled features: XᵀX of 12,800 of them is 1.3 GB a class, of a hidden layer's 512 2 MB.
  head: { dropout: 0, boxFeatures: 'hidden' } as const,
};

/** §4.1 and the authors' code, where they differ from R-CNN's. */
const TRAINING = {
  svm: { negativeIou: 0.3, negativeNms: 0.7 },
  boxes: { lambda: 4000, minIou: 0.5 },
};

/** Fills in the defaults. `pretrained`: whether the backbone starts from ImageNet weights; random ones must all be trained. */
function resolve(options: SppNetOptions, { pretrained }: { pretrained: boolean }): SppNetConfig {
  const given = parseOptions('createDetector', sppNetOptions, options);
  const { backbone, entry } = chosenBackbone(given.backbone);
  // The finest map of the picture as it is: small objects are found as on the deepest of several larger ones (§4.1), at
  // an eighth of the pixels (docs/fidelity.md).
  const layers = singleLayer(backbone.layers ?? entry.layers.slice(0, 1));
  return {
    ...given,
    transform: { ...stage.DEFAULTS.transform, ...entry.normalization, ...given.transform },
    // Only the fully connected layers are fine-tuned (§4.1).
    backbone: { frozenThrough: pretrained ? layers[0] : null, ...backbone, layers },
    proposals: resolveProposals(given.proposals),
    regions: given.regions ?? DEFAULTS.regions,
    head: { hidden: [...entry.hidden], ...DEFAULTS.head, ...given.head },
    postprocess: { ...stage.MARGIN_POSTPROCESS, ...given.postprocess },
  };
}

interface SppNetParts extends DetectorParts {
  transform: ImageTransform;
  backbone: ConvBackbone;
  head: LinearHead;
}

export type SppNet = GeneralizedRCNN<SppNetParts>;

/** Puts the parts together. Without `random` the weights are zeros, to be loaded. */
function build(config: SppNetConfig, random?: () => number): SppNet {
  const backbone = imagePyramid(convBackbone(config.backbone, null, random), config.scales);
  const { channels, smallestInput } = backbone;
  const pyramid = { ...config.regions, channels };
  const inputShape: [number, number, number] = [1, 1, pyramidLength(pyramid)];
  return new GeneralizedRCNN(config, {
    transform: resizeTransform(config.transform, smallestInput),
    backbone,
    proposals: selectiveSearchStage(config.proposals), // slot 1
    regionFeatures: spatialPyramidRegions(pyramid), // slot 2
    head: linearHead({ ...config.head, numClasses: config.classes.length, inputShape, random }),
    postprocess: nmsPostprocess(config.postprocess, new BoxCoder()),
  });
}

/** SPP-net's entry in the registry. */
export const sppNet: DetectorType<SppNetConfig, SppNetOptions, SppNet> = {
  about: {
    name: 'SPP-net',
    paper: { source: 'Fast R-CNN, Table 4', trainHours: 25, secondsPerImage: 2.3, map: 63.1 },
  },
  config: sppNetConfig,
  options: sppNetOptions,
  resolve,
  build,
  initialize: loadBackboneWeights,
  training: stagedTraining,
  batch: { images: 2, backgroundIou: [0.1, 0.5] }, // §4.1
  // Three stages, as R-CNN (§4.1): the fully connected layers, the SVMs, the box regressors.
  phases: stagedPhases(softmaxPhase, TRAINING),
};
