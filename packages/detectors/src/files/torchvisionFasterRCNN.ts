import type { Architecture } from './architecture';

// torchvision's four Faster R-CNNs, as their builders make them (models/detection/faster_rcnn.py).

const RATIOS = [0.5, 1, 2];

const common = {
  type: 'faster-rcnn',
  transform: { minSize: 800, maxSize: 1333 },
  cells: 'corner',
  regions: { outputSize: [7, 7] },
  postprocess: { nmsThreshold: 0.5, softNms: null },
} as const;

const resnet50 = {
  name: 'resnet50',
  layers: ['layer1', 'layer2', 'layer3', 'layer4'],
  frozenThrough: 'layer1', // three stages are trained
};
const pyramidAnchors = { sizes: [[32], [64], [128], [256], [512]], aspectRatios: RATIOS };

const mobilenet = {
  ...common,
  // Both maps are of stride 32: regions are pooled from the first, the second is for proposals only. The classifier's ε,
  // 1e-3, is lost on the way to a frozen batch norm.
  backbone: {
    name: 'mobilenetV3Large',
    layers: ['features.13', 'features.16'],
    frozenThrough: 'features.6',
    normEps: 1e-5,
  },
  fpn: { channels: 256 },
  head: { hidden: [1024, 1024] },
};
const fifteen = [32, 64, 128, 256, 512];
const mobilenetRpn = {
  anchors: { sizes: [fifteen, fifteen, fifteen], aspectRatios: RATIOS },
  scoreThreshold: 0.05,
};

const naming = {
  keyOf: (name: string) =>
    name
      .replace(/^proposals\./, 'rpn.head.')
      .replace(/^head\.(cls_score|bbox_pred)\./, 'roi_heads.box_predictor.$1.')
      .replace(/^head\./, 'roi_heads.box_head.')
      .replace(/^backbone\.body\.features\./, 'backbone.body.'),
  // Before a convolution was a module with others to come (torchvision 0.13, `_version` 2).
  modernized: (key: string) =>
    key
      .replace(/^(backbone\.fpn\.\w+_blocks\.\d+)\.(weight|bias)$/, '$1.0.$2')
      .replace(/^rpn\.head\.conv\.(weight|bias)$/, 'rpn.head.conv.0.0.$1'),
  classCount: 'roi_heads.box_predictor.cls_score.bias',
};

/** By the names of torchvision's builders. */
export const TORCHVISION_FASTER_RCNN: Readonly<Record<string, Architecture>> = {
  fasterrcnn_resnet50_fpn: {
    ...naming,
    options: {
      ...common,
      // The COCO weights were trained when torchvision's frozen batch norm had no ε (pytorch/vision#2599).
      backbone: { ...resnet50, normEps: 0 },
      fpn: { channels: 256 },
      rpn: { anchors: pyramidAnchors },
      head: { hidden: [1024, 1024] },
    },
  },
  fasterrcnn_resnet50_fpn_v2: {
    ...naming,
    options: {
      ...common,
      backbone: resnet50,
      fpn: { channels: 256, batchNorm: true },
      rpn: { anchors: pyramidAnchors, convDepth: 2 },
      head: { convs: [256, 256, 256, 256], hidden: [1024] },
    },
  },
  fasterrcnn_mobilenet_v3_large_fpn: { ...naming, options: { ...mobilenet, rpn: mobilenetRpn } },
  fasterrcnn_mobilenet_v3_large_320_fpn: {
    ...naming,
    options: {
      ...mobilenet,
      transform: { minSize: 320, maxSize: 640 },
      rpn: { ...mobilenetRpn, preNms: 150, postNms: 150 },
    },
  },
};
