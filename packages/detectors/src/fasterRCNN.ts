import { BoxCoder } from '@roikit/geometry';
import { parseOptions, type Fields } from '@roikit/training';
import * as z from 'zod';
import type * as config from './config';
import * as stage from './configSchemas';
import { convBackbone } from './backbone/convBackbone';
import type { DetectorType } from './detectorType';
import { fpnBackbone } from './backbone/fpnBackbone';
import { GeneralizedRCNN } from './generalizedRCNN';
import { loadBackboneWeights } from './backbone/loadBackboneWeights';
import { multiScaleRegions } from './regions/multiScaleRegions';
import { chosenBackbone } from './resolveStages';
import { nmsPostprocess } from './postprocess/nmsPostprocess';
import { paddedTransform } from './transform/paddedTransform';
import { regionProposalNetwork } from './proposals/regionProposalNetwork';
import { roiPoolRegions } from './regions/roiPoolRegions';
import { softmaxHead } from './head/softmaxHead';
import { TORCHVISION_FASTER_RCNN } from './files/torchvisionFasterRCNN';
import { jointPhase, type JointParts } from './training/jointPhase';
import { jointTraining } from './training/jointTraining';

// Faster R-CNN (Ren et al., NIPS 2015): Fast R-CNN whose proposals come from its own maps, by a small network that says
// of every anchor whether it holds an object. With a feature pyramid (Lin et al., CVPR 2017) regions are proposed and
// pooled at the scale of their size; without one, from one map, as in the paper.

/** Everything that makes one; written to detector.json as it stands. */
export interface FasterRCNNConfig {
  type: 'faster-rcnn';
  /** Names of the classes 1…K. */
  classes: readonly string[];
  transform: config.TransformConfig;
  backbone: config.BackboneConfig;
  /** Channels of every level; null for one map. */
  fpn: config.FpnConfig | null;
  /** @default 'center' */
  cells?: config.CellPosition;
  rpn: config.RpnConfig;
  regions: config.RegionsConfig;
  head: config.HeadConfig;
  boxCoder: config.BoxCoderConfig;
  postprocess: config.PostprocessConfig;
}

/** What a caller of `createDetector` writes: type, classes, backbone, and whatever differs from the defaults. */
export interface FasterRCNNOptions {
  type: 'faster-rcnn';
  classes: readonly string[];
  transform?: Partial<config.TransformConfig>;
  backbone: config.BackboneOptions;
  fpn?: config.FpnConfig | null;
  cells?: config.CellPosition;
  rpn?: config.RpnOptions;
  regions?: config.RegionsConfig;
  head?: Partial<config.HeadConfig>;
  boxCoder?: config.BoxCoderConfig;
  postprocess?: Partial<config.PostprocessConfig>;
}

const fasterRCNNConfig = z.strictObject({
  type: z.literal('faster-rcnn'),
  classes: stage.classes,
  transform: stage.transform,
  backbone: stage.backbone,
  fpn: stage.fpn.nullable(),
  cells: stage.cells.optional(),
  rpn: stage.rpn,
  regions: stage.regions,
  head: stage.head,
  boxCoder: stage.boxCoder,
  postprocess: stage.softPostprocess,
} satisfies Fields<FasterRCNNConfig>);

const fasterRCNNOptions = z.strictObject({
  ...fasterRCNNConfig.shape,
  transform: stage.transform.partial().optional(),
  backbone: stage.backboneOptions,
  fpn: stage.fpn.nullable().optional(),
  rpn: stage.rpn.extend({ anchors: stage.rpn.shape.anchors.partial() }).partial().optional(),
  regions: stage.regions.optional(),
  head: stage.head.partial().optional(),
  boxCoder: stage.boxCoder.optional(),
  postprocess: stage.softPostprocess.partial().optional(),
} satisfies Fields<FasterRCNNOptions>);

/** torchvision's at detection; Faster R-CNN §3.3 has 300 proposals, of all anchors. */
const RPN = { preNms: 1000, postNms: 1000, nmsThreshold: 0.7 };

/** Fills in the defaults. `pretrained`: whether the backbone starts from ImageNet weights; random ones must all be trained. */
function resolve(options: FasterRCNNOptions, { pretrained }: { pretrained: boolean }): FasterRCNNConfig {
  const given = parseOptions('createDetector', fasterRCNNOptions, options);
  const { backbone, entry } = chosenBackbone(given.backbone);
  const fpn = given.fpn === undefined ? entry.neck : given.fpn;
  const pyramid = entry.pyramid ?? entry.layers;
  const layers = backbone.layers ?? (fpn ? [...pyramid] : entry.layers.slice(-1));
  const levels = fpn ? layers.length + 1 : layers.length;
  const anchors = { sizes: anchorSizes(levels), aspectRatios: [0.5, 1, 2], ...given.rpn?.anchors };
  checkLevels(layers, fpn, anchors.sizes);
  return {
    ...given,
    transform: { ...stage.DEFAULTS.transform, ...entry.normalization, ...given.transform },
    backbone: { frozenThrough: pretrained ? entry.frozenThrough : null, ...backbone, layers },
    fpn,
    rpn: { ...RPN, ...given.rpn, anchors },
    regions: given.regions ?? { outputSize: [...entry.outputSize] },
    head: { hidden: [...entry.hidden], dropout: 0, ...given.head },
    boxCoder: given.boxCoder ?? stage.DEFAULTS.boxCoder,
    postprocess: { ...stage.DEFAULTS.postprocess, ...given.postprocess },
  };
}

/**
 * One map: 128, 256, 512 (Faster R-CNN §3.1.1). Five levels: 32 … 512, one each (FPN §4.1). Fewer levels cover the same
 * range evenly, in a logarithmic sense, with as many sizes each as it takes to have five.
 */
function anchorSizes(levels: number): number[][] {
  if (levels === 1) return [[128, 256, 512]];
  const each = Math.ceil(5 / levels);
  const last = each * levels - 1;
  const size = (i: number) => Math.round(32 * 16 ** (i / last));
  return Array.from({ length: levels }, (_, level) =>
    Array.from({ length: each }, (__, i) => size(level * each + i)),
  );
}

function checkLevels(layers: readonly string[], fpn: object | null, sizes: readonly number[][]): void {
  if (layers.length > 1 && !fpn) {
    throw new RangeError(
      `createDetector: ${layers.length} backbone.layers (${layers.join(', ')}) need fpn: { channels } to become levels of one width, got none`,
    );
  }
  const levels = fpn ? layers.length + 1 : 1;
  const each = sizes[0]?.length;
  if (sizes.length !== levels || sizes.some(({ length }) => length !== each)) {
    throw new RangeError(
      `createDetector: rpn.anchors.sizes must have as many sizes for each of the ${levels} levels ` +
        `(${fpn ? 'backbone.layers and one more' : 'one map'}), got ${JSON.stringify(sizes)}`,
    );
  }
}

export type FasterRCNN = GeneralizedRCNN<JointParts>;

/** Puts the parts together. Without `random` the weights are zeros, to be loaded. */
function build(config: FasterRCNNConfig, random?: () => number): FasterRCNN {
  const { fpn, cells, regions, classes } = config;
  const { layers } = config.backbone;
  const backbone = fpn
    ? fpnBackbone(config.backbone, fpn, random)
    : convBackbone(config.backbone, null, random);
  const { channels, smallestInput } = backbone;
  const inputShape: [number, number, number] = [...regions.outputSize, channels];
  const coder = new BoxCoder({ weights: config.boxCoder.weights });
  return new GeneralizedRCNN(config, {
    transform: paddedTransform(config.transform, smallestInput),
    backbone,
    proposals: regionProposalNetwork({ ...config.rpn, channels, cells, random }), // slot 1
    // slot 2
    regionFeatures: fpn
      ? multiScaleRegions({ ...regions, channels, cells, levels: layers.length })
      : roiPoolRegions({ ...regions, channels, cells }),
    head: softmaxHead({ ...config.head, numClasses: classes.length, inputShape, random }),
    postprocess: nmsPostprocess(config.postprocess, coder),
    coder,
  });
}

/** Faster R-CNN's entry in the registry. */
export const fasterRCNN: DetectorType<FasterRCNNConfig, FasterRCNNOptions, FasterRCNN> = {
  about: {
    name: 'Faster R-CNN',
    paper: { source: 'Faster R-CNN, Tables 2 and 5', secondsPerImage: 0.198, map: 69.9 }, // proposals included
  },
  config: fasterRCNNConfig,
  options: fasterRCNNOptions,
  resolve,
  build,
  initialize: loadBackboneWeights,
  architectures: TORCHVISION_FASTER_RCNN,
  training: jointTraining,
  batch: { images: 2 }, // torchvision's references, on each of 8 GPUs
  // Both networks together, proposals taken as constants: the paper's approximate joint training (§3.2).
  phases: (detector, data, options) => [jointPhase(detector, data, options)],
};
