import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/** SqueezeNet 1.1 up to fire9, the trunk of a detector of stride 16: [squeeze, expand] of each fire module. */
const fires: ([number, number] | 'pool')[] = [
  ...(['pool', [16, 64], [16, 64], 'pool', [32, 128], [32, 128]] as const),
  ...(['pool', [48, 192], [48, 192], [64, 256], [64, 256]] as const),
] as ([number, number] | 'pool')[];

export function squeezenetTrunk(height: number, width: number): tfl.LayersModel {
  const image = tfl.input({ shape: [height, width, 3] });
  let x = conv(64, 3, 2).apply(image) as tfl.SymbolicTensor;
  for (const step of fires) x = step === 'pool' ? pool(x) : fire(x, step[0], step[1]);
  return tfl.model({ inputs: image, outputs: x });
}

function conv(filters: number, kernelSize: number, strides = 1) {
  const seeded = tfl.initializers.heNormal({ seed: filters });
  return tfl.layers.conv2d({
    filters,
    kernelSize,
    strides,
    padding: 'same',
    activation: 'relu',
    kernelInitializer: seeded,
  });
}

function pool(x: tfl.SymbolicTensor): tfl.SymbolicTensor {
  return tfl.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(x) as tfl.SymbolicTensor;
}

function fire(x: tfl.SymbolicTensor, squeeze: number, expand: number): tfl.SymbolicTensor {
  const squeezed = conv(squeeze, 1).apply(x);
  const one = conv(expand, 1).apply(squeezed) as tfl.SymbolicTensor;
  const three = conv(expand, 3).apply(squeezed) as tfl.SymbolicTensor;
  return tfl.layers.concatenate().apply([one, three]) as tfl.SymbolicTensor;
}

/** Forward and the gradients of every weight, from a sum of squares on top. */
export function trainStep(model: tfl.LayersModel, image: tf.Tensor4D): number {
  return tf.tidy(() => {
    const loss = () => tf.mean(tf.square(model.apply(image, { training: true }) as tf.Tensor)) as tf.Scalar;
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { value, grads } = tf.variableGrads(loss, variables);
    for (const name of Object.keys(grads)) grads[name]!.dataSync();
    return value.dataSync()[0]!;
  });
}
