import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import * as b from '../src';

const sum = (weights: tfl.LayerVariable[]) =>
  weights.reduce((total, { shape }) => total + tf.util.sizeFromShape(shape as number[]), 0);

/** Trainable parameters, and the total with the batch norms' moving statistics. */
function counts(model: tfl.LayersModel): [number, number] {
  const trainable = sum(model.layers.flatMap((layer) => layer.trainableWeights));
  return [trainable, trainable + sum(model.layers.flatMap((layer) => layer.nonTrainableWeights))];
}

type Row = [name: string, build: () => tfl.LayersModel, trainable: number, total?: number];

// Published counts (torchvision's `num_params`, Keras's totals, the papers' code).
const table: Row[] = [
  ['caffenet', () => b.caffenet(), 60_965_224],
  ['alexnet', () => b.alexnet(), 61_100_840],
  ['resnet18', () => b.resnet18(), 11_689_512],
  ['resnet34', () => b.resnet34(), 21_797_672],
  ['resnet50', () => b.resnet50(), 25_557_032, 25_610_152],
  ['resnet101', () => b.resnet101(), 44_549_160],
  ['resnet152', () => b.resnet152(), 60_192_808],
  ['resnext50_32x4d', () => b.resnext50_32x4d(), 25_028_904, 25_097_128],
  ['resnext50_32x4d concatenated', () => b.resnext50_32x4d({ form: 'concatenated' }), 25_028_904, 25_097_128],
  ['resnext50_32x4d summed', () => b.resnext50_32x4d({ form: 'summed' }), 25_028_904, 25_097_128],
  ['resnext101_32x4d', () => b.resnext101_32x4d(), 44_177_704],
  ['resnext101_32x8d', () => b.resnext101_32x8d(), 88_791_336],
  ['resnext101_64x4d', () => b.resnext101_64x4d(), 83_455_272],
  ['densenet121', () => b.densenet121(), 7_978_856, 8_062_504],
  ['densenet169', () => b.densenet169(), 14_149_480, 14_307_880],
  ['densenet201', () => b.densenet201(), 20_013_928, 20_242_984],
  ['densenet264', () => b.densenet264(), 33_337_704, 33_736_232],
  ['densenet161', () => b.densenet161(), 28_681_000, 28_900_936],
  ['squeezenet1_0', () => b.squeezenet1_0(), 1_248_424],
  ['squeezenet1_0 simple bypass', () => b.squeezenet1_0({ bypass: 'simple' }), 1_248_424],
  ['squeezenet1_0 complex bypass', () => b.squeezenet1_0({ bypass: 'complex' }), 1_589_672],
  ['squeezenet1_1', () => b.squeezenet1_1(), 1_235_496],
  ['mobilenetV1', () => b.mobilenetV1(), 4_231_976, 4_253_864],
  ['mobilenetV1 .75', () => b.mobilenetV1({ width: 0.75 }), 2_585_560, 2_601_976],
  ['mobilenetV1 .5', () => b.mobilenetV1({ width: 0.5 }), 1_331_592, 1_342_536],
  ['mobilenetV1 .25', () => b.mobilenetV1({ width: 0.25 }), 470_072, 475_544],
  ['mobilenetV2', () => b.mobilenetV2(), 3_504_872, 3_538_984],
  ['mobilenetV2 .35', () => b.mobilenetV2({ width: 0.35 }), 1_677_128],
  ['mobilenetV2 .5', () => b.mobilenetV2({ width: 0.5 }), 1_968_680],
  ['mobilenetV2 .75', () => b.mobilenetV2({ width: 0.75 }), 2_636_424],
  ['mobilenetV2 1.4', () => b.mobilenetV2({ width: 1.4 }), 6_108_776, 6_156_712],
  ['mobilenetV3Large', () => b.mobilenetV3Large(), 5_483_032],
  ['mobilenetV3Small', () => b.mobilenetV3Small(), 2_542_856],
  ['shufflenetV1 g=1', () => b.shufflenetV1({ groups: 1 }), 1_531_936],
  ['shufflenetV1 g=2', () => b.shufflenetV1({ groups: 2 }), 1_733_848],
  ['shufflenetV1 g=3', () => b.shufflenetV1({ groups: 3 }), 1_865_728],
  ['shufflenetV1 g=4', () => b.shufflenetV1({ groups: 4 }), 1_968_344],
  ['shufflenetV1 g=8', () => b.shufflenetV1({ groups: 8 }), 2_434_768],
  ['shufflenetV2_x0_5', () => b.shufflenetV2_x0_5(), 1_366_792],
  ['shufflenetV2_x1_0', () => b.shufflenetV2_x1_0(), 2_278_604],
  ['shufflenetV2_x1_5', () => b.shufflenetV2_x1_5(), 3_503_624],
  ['shufflenetV2_x2_0', () => b.shufflenetV2_x2_0(), 7_393_996],
  ['inceptionV3 with auxiliary head', () => b.inceptionV3({ auxLogits: true }), 27_161_264],
  ['xception', () => b.xception(), 22_855_952, 22_910_480],
  ['vgg11', () => b.vgg11(), 132_863_336],
  ['vgg13', () => b.vgg13(), 133_047_848],
  ['vgg16', () => b.vgg16(), 138_357_544],
  ['vgg16_bn', () => b.vgg16_bn(), 138_365_992],
  ['vgg19', () => b.vgg19(), 143_667_240],
  // Table 2 of the DenseNet paper, C10, in its order.
  ['densenetCifar L40 k12', () => b.densenetCifar({ depth: 40, bc: false }), 1_019_722],
  ['densenetCifar L100 k12', () => b.densenetCifar({ depth: 100, bc: false }), 6_979_642],
  ['densenetCifar L100 k24', () => b.densenetCifar({ depth: 100, growthRate: 24, bc: false }), 27_249_082],
  ['densenetCifar BC L100 k12', () => b.densenetCifar(), 769_162],
  ['densenetCifar BC L250 k24', () => b.densenetCifar({ depth: 250, growthRate: 24 }), 15_324_406],
  ['densenetCifar BC L190 k40', () => b.densenetCifar({ depth: 190, growthRate: 40 }), 25_624_430],
];

describe('parameter counts', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test.each(table)('%s', (_, build, trainable, total) => {
    const model = build();
    const [gotTrainable, gotTotal] = counts(model);
    model.dispose();
    expect(gotTrainable).toBe(trainable);
    if (total !== undefined) expect(gotTotal).toBe(total);
  });
});
