import type * as tfl from '@tensorflow/tfjs-layers';

/**
 * Makes every batch norm use, and keep, its running statistics and leave gamma and beta alone, in training too: what
 * detectors do, whose batches of one or two images give no useful statistics.
 *
 * A layer's own `trainable = false` stops only gamma and beta in TensorFlow.js.
 */
export function freezeBatchNorm(model: tfl.LayersModel): void {
  for (const layer of model.layers) {
    if (layer.getClassName() !== 'BatchNormalization') continue;
    layer.trainable = false;
    const call = layer.call.bind(layer);
    layer.call = (inputs, kwargs) => call(inputs, { ...kwargs, training: false });
  }
}
