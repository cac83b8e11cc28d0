import type * as tfl from '@tensorflow/tfjs-layers';
import { build } from './build';
import { concat, dense, globalAvgPool, maxPool } from './layers/basic';
import { convBn } from './layers/convBn';
import { sliceChannels } from './layers/custom';
import { channelShuffleLayer } from './layers/grouped';
import type { BackboneOptions, SymbolicTensor } from './options';

// Table 5 of Ma et al. 2018: output channels of stages 2 to 4 and of conv5; repeats of the stages.
const repeats = [4, 8, 4];
type Channels = [stage2: number, stage3: number, stage4: number, conv5: number];

const activation = 'relu';

/** Depthwise 3×3, pointwise, ReLU: the shortcut of a unit that halves the map. */
function downsample(x: SymbolicTensor, name: string, filters: number): SymbolicTensor {
  const filtered = convBn(x, [`${name}.0`, `${name}.1`], {
    filters: 'depthwise',
    kernelSize: 3,
    stride: 2,
    padding: 1,
  });
  return convBn(filtered, [`${name}.2`, `${name}.3`, `${name}.4`], { filters, kernelSize: 1, activation });
}

function branch2(x: SymbolicTensor, name: string, filters: number, stride: number): SymbolicTensor {
  const mixed = convBn(x, [`${name}.0`, `${name}.1`, `${name}.2`], { filters, kernelSize: 1, activation });
  const filtered = convBn(mixed, [`${name}.3`, `${name}.4`], {
    filters: 'depthwise',
    kernelSize: 3,
    stride,
    padding: 1,
  });
  return convBn(filtered, [`${name}.5`, `${name}.6`, `${name}.7`], { filters, kernelSize: 1, activation });
}

/** Fig. 3 (c) and (d): half of the channels pass untouched, or both halves are made anew at stride 2; then a shuffle. */
function unit(x: SymbolicTensor, name: string, out: number, stride: number): SymbolicTensor {
  const half = out / 2;
  const left =
    stride === 1 ? sliceChannels(x, `${name}.left`, 0, half) : downsample(x, `${name}.branch1`, half);
  const right = stride === 1 ? sliceChannels(x, `${name}.right`, half, half) : x;
  const joined = concat([left, branch2(right, `${name}.branch2`, half, stride)], `${name}.concat`);
  return channelShuffleLayer(joined, name, 2);
}

function shufflenetV2(name: string, channels: Channels, options: BackboneOptions): tfl.LayersModel {
  const features = (input: SymbolicTensor) => {
    let x = convBn(input, ['conv1.0', 'conv1.1', 'conv1.2'], {
      filters: 24,
      kernelSize: 3,
      stride: 2,
      padding: 1,
      activation,
    });
    x = maxPool(x, 'maxpool', { kernelSize: 3, stride: 2, padding: 1 });
    repeats.forEach((count, stage) => {
      for (let i = 0; i < count; i++)
        x = unit(x, `stage${stage + 2}.${i}`, channels[stage]!, i === 0 ? 2 : 1);
    });
    return convBn(x, ['conv5.0', 'conv5.1', 'conv5.2'], { filters: channels[3], kernelSize: 1, activation });
  };
  const top = (map: SymbolicTensor, numClasses: number) =>
    dense(globalAvgPool(map, 'avgpool'), 'fc', numClasses);
  return build({ name, init: {}, features, top }, options);
}

/** ShuffleNet V2 0.5× (Ma et al. 2018, arXiv 1807.11164). 1,366,792 parameters. */
export const shufflenetV2_x0_5 = (options: BackboneOptions = {}) =>
  shufflenetV2('shufflenet_v2_x0_5', [48, 96, 192, 1024], options);
/** ShuffleNet V2 1×. 2,278,604 parameters. */
export const shufflenetV2_x1_0 = (options: BackboneOptions = {}) =>
  shufflenetV2('shufflenet_v2_x1_0', [116, 232, 464, 1024], options);
/** ShuffleNet V2 1.5×. 3,503,624 parameters. */
export const shufflenetV2_x1_5 = (options: BackboneOptions = {}) =>
  shufflenetV2('shufflenet_v2_x1_5', [176, 352, 704, 1024], options);
/** ShuffleNet V2 2×. 7,393,996 parameters. */
export const shufflenetV2_x2_0 = (options: BackboneOptions = {}) =>
  shufflenetV2('shufflenet_v2_x2_0', [244, 488, 976, 2048], options);
