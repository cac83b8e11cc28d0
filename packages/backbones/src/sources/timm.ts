// Names of timm's modules (huggingface/pytorch-image-models) for torchvision's. ResNet, ResNeXt, DenseNet, Inception
// and Xception have the same in both.

const vggHead: Record<string, string> = {
  'classifier.0': 'pre_logits.fc1', // a 7×7 convolution there, of the same weights
  'classifier.3': 'pre_logits.fc2',
  'classifier.6': 'head.fc',
};

interface MobileTable {
  /** Blocks in each stage of timm's, which numbers them `blocks.stage.block`. */
  stages: number[];
  /** Modules outside the blocks. */
  ends: Record<string, string>;
}

const mobilenets: Record<string, MobileTable> = {
  mobilenet_v1: {
    stages: [1, 2, 2, 6, 2],
    ends: { conv1: 'conv_stem', conv1_bn: 'bn1', conv_preds: 'classifier' },
  },
  mobilenet_v2: {
    stages: [1, 2, 3, 4, 3, 3, 1],
    ends: {
      'features.0.0': 'conv_stem',
      'features.0.1': 'bn1',
      'features.18.0': 'conv_head',
      'features.18.1': 'bn2',
      'classifier.1': 'classifier',
    },
  },
  mobilenet_v3_large: {
    stages: [1, 2, 3, 4, 2, 3],
    ends: {
      'features.0.0': 'conv_stem',
      'features.0.1': 'bn1',
      'features.16.0': 'blocks.6.0.conv',
      'features.16.1': 'blocks.6.0.bn1',
      'classifier.0': 'conv_head',
      'classifier.3': 'classifier',
    },
  },
  mobilenet_v3_small: {
    stages: [1, 2, 3, 2, 3],
    ends: {
      'features.0.0': 'conv_stem',
      'features.0.1': 'bn1',
      'features.12.0': 'blocks.5.0.conv',
      'features.12.1': 'blocks.5.0.bn1',
      'classifier.0': 'conv_head',
      'classifier.3': 'classifier',
    },
  },
};

/** `blocks.stage.block` of the block counted from 1. */
function blockName(stages: number[], count: number): string {
  let block = count - 1;
  let stage = 0;
  while (block >= stages[stage]!) block -= stages[stage++]!;
  return `blocks.${stage}.${block}`;
}

/** V1's `conv_dw_3_bn` and the like. */
function v1Module(layer: string, stages: number[]): string {
  const [, kind, count, norm] = /^conv_(dw|pw)_(\d+)(_bn)?$/.exec(layer) ?? [];
  if (!kind) return layer;
  const block = blockName(stages, Number(count));
  if (!norm) return `${block}.conv_${kind}`;
  return `${block}.${kind === 'dw' ? 'bn1' : 'bn2'}`;
}

/** Expand, depthwise, project: unit 0, 1, 2; the first block of V2 and V3 has nothing to expand. */
function unitModule(expands: boolean, unit: number, norm: boolean): string {
  const convs = expands ? ['conv_pw', 'conv_dw', 'conv_pwl'] : ['conv_dw', 'conv_pw'];
  return norm ? `bn${unit + 1}` : convs[unit]!;
}

/** V2's `features.3.conv.1.0`, V3's `features.3.block.1.0`. */
function invertedModule(layer: string, stages: number[]): string {
  const [, count, index, inner] = /^features\.(\d+)\.(?:conv|block)\.(\d+)\.?(\w+)?$/.exec(layer) ?? [];
  if (!count) return layer;
  const block = blockName(stages, Number(count));
  const expands = Number(count) > 1;
  const last = expands ? 2 : 1;
  if (inner === 'fc1') return `${block}.se.conv_reduce`;
  if (inner === 'fc2') return `${block}.se.conv_expand`;
  // V2 names the projection and its norm as two units; V3 may have a squeeze unit before the projection.
  if (inner === undefined) return `${block}.${unitModule(expands, last, Number(index) > last)}`;
  return `${block}.${unitModule(expands, Math.min(Number(index), last), inner === '1')}`;
}

/** timm's module for a layer of the network called `network`. */
export function timmModule(network: string, layer: string): string {
  if (network.startsWith('vgg')) return vggHead[layer] ?? layer;
  const table = mobilenets[network];
  if (!table) return layer;
  const { stages, ends } = table;
  return (
    ends[layer] ?? (network === 'mobilenet_v1' ? v1Module(layer, stages) : invertedModule(layer, stages))
  );
}

/** ε of timm's batch norms, where it is not the one of the network here. */
export function timmEpsilon(network: string): number | undefined {
  return network in mobilenets || network === 'xception' ? 1e-5 : undefined;
}
