// Names of Keras Applications' layers for the layers here. Keras's kernels have TensorFlow.js's layouts already.

// VGG's layer indices of the convolutions of each block, from the block's first.
function vggLayer(layer: string, poolsBefore: (index: number) => [block: number, conv: number]): string {
  const tops: Record<string, string> = {
    'classifier.0': 'fc1',
    'classifier.3': 'fc2',
    'classifier.6': 'predictions',
  };
  const [, index] = /^features\.(\d+)$/.exec(layer) ?? [];
  if (index === undefined) return tops[layer] ?? layer;
  const [block, conv] = poolsBefore(Number(index));
  return `block${block}_conv${conv}`;
}

const vggCounts: Record<string, number[]> = { vgg16: [2, 2, 3, 3, 3], vgg19: [2, 2, 4, 4, 4] };

/** Block and place of the convolution at module `index`: two modules a convolution, one a pool. */
function vggPlace(counts: number[]): (index: number) => [number, number] {
  return (index) => {
    let start = 0;
    let block = 0;
    while (index >= start + 2 * counts[block]! + 1) start += 2 * counts[block++]! + 1;
    return [block + 1, (index - start) / 2 + 1];
  };
}

/** `features.denseblock2.denselayer3.conv1` → `conv3_block3_1_conv`. */
function densenetLayer(layer: string): string {
  const ends: Record<string, string> = {
    'features.conv0': 'conv1/conv',
    'features.norm0': 'conv1/bn',
    'features.norm5': 'bn',
    classifier: 'predictions',
  };
  const [, block, unit, kind, place] = /denseblock(\d)\.denselayer(\d+)\.(norm|conv)(\d)$/.exec(layer) ?? [];
  if (block) {
    const stem = `conv${Number(block) + 1}_block${unit}`;
    return kind === 'norm' ? `${stem}_${Number(place) - 1}_bn` : `${stem}_${place}_conv`;
  }
  const [, transition, part] = /transition(\d)\.(norm|conv)$/.exec(layer) ?? [];
  if (transition) return `pool${Number(transition) + 1}_${part === 'norm' ? 'bn' : 'conv'}`;
  return ends[layer] ?? layer;
}

/** `features.3.conv.1.0` → `block_2_depthwise`; the first block has nothing to expand. */
function mobilenetV2Layer(layer: string): string {
  const ends: Record<string, string> = {
    'features.0.0': 'Conv1',
    'features.0.1': 'bn_Conv1',
    'features.18.0': 'Conv_1',
    'features.18.1': 'Conv_1_bn',
    'classifier.1': 'predictions',
  };
  const [, count, index, inner] = /^features\.(\d+)\.conv\.(\d)(?:\.(\d))?$/.exec(layer) ?? [];
  if (!count) return ends[layer] ?? layer;
  const block = Number(count) - 1;
  const units = block === 0 ? ['depthwise', 'project'] : ['expand', 'depthwise', 'project'];
  const project = units.length - 1;
  // torchvision names the projection and its norm as two units.
  const norm = inner === undefined ? Number(index) > project : inner === '1';
  const unit = units[Math.min(Number(index), project)];
  return `${block === 0 ? 'expanded_conv' : `block_${block}`}_${unit}${norm ? '_BN' : ''}`;
}

/** Keras's layer for a layer of the network called `network`; undefined where Keras has no such network. */
export function kerasLayer(network: string, layer: string): string | undefined {
  if (network === 'mobilenet_v1') return layer;
  if (network === 'mobilenet_v2') return mobilenetV2Layer(layer);
  const vgg = vggCounts[network];
  if (vgg) return vggLayer(layer, vggPlace(vgg));
  if (/^densenet(121|169|201)$/.test(network)) return densenetLayer(layer);
  return undefined;
}

/** ε of Keras's batch norms, where it is not the one of the network here. */
export function kerasEpsilon(network: string): number | undefined {
  if (network === 'mobilenet_v2') return 1e-3;
  return network.startsWith('densenet') ? 1.001e-5 : undefined;
}

/**
 * A key's layer and part alone: `.h5` files repeat the layer (`conv1/conv1/kernel:0`) and count variables. A layer's
 * own name may have one slash (`conv1/conv`).
 */
export function kerasKey(key: string): string {
  const parts = key
    .replace(/:\d+$/, '')
    .replaceAll(/\bLogits\//g, 'predictions/') // MobileNet V2's classifier in older files
    .split('/');
  const half = (parts.length - 1) / 2;
  const repeats = half >= 1 && parts.slice(0, half).join('/') === parts.slice(half, -1).join('/');
  return (repeats ? parts.slice(half) : parts).join('/');
}
