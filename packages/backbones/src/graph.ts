import type * as tfl from '@tensorflow/tfjs-layers';

// A LayersModel as a graph of layers. Every network here uses each layer once, so a layer stands for its output.

type Node = { inboundLayers: tfl.layers.Layer[] };

/** Layers that feed `layer`, in the order of its inputs. */
export function inboundLayers(layer: tfl.layers.Layer): tfl.layers.Layer[] {
  const [node] = layer.inboundNodes as unknown as Node[];
  return node?.inboundLayers ?? [];
}

/** Layers of the model by the layer they take from; a layer may feed others outside the model too. */
export function consumersOf(model: tfl.LayersModel): Map<tfl.layers.Layer, tfl.layers.Layer[]> {
  const consumers = new Map<tfl.layers.Layer, tfl.layers.Layer[]>();
  for (const layer of model.layers) {
    for (const before of inboundLayers(layer))
      consumers.set(before, [...(consumers.get(before) ?? []), layer]);
  }
  return consumers;
}

/** Layers whose outputs are the model's. */
export function outputLayers(model: tfl.LayersModel): tfl.layers.Layer[] {
  return model.outputs.map((output) => output.sourceLayer);
}
