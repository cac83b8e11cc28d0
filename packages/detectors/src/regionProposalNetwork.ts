import { AnchorGenerator, clipBoxesToImage, resizeBoxes, type Anchors, type Boxes } from '@roikit/geometry';
import { filterProposals, rpnHead } from '@roikit/heads';
import * as tf from '@tensorflow/tfjs-core';
import type { CellPosition, RpnConfig } from './config';
import { modelPart } from './modelPart';
import type { FeatureMap, Part, ProposalContext, ProposalStage } from './parts';

/** What the network says of all anchors of one image. */
export interface AnchorPredictions {
  /** `[A]` logits. */
  objectness: Float32Array;
  /** `[A, 4]` */
  offsets: Float32Array;
  anchors: Anchors;
}

export interface RegionProposalNetwork extends ProposalStage, Part {
  needsMaps: true;
  /** Logits `[N, A]` and box offsets `[N, A, 4]` of all anchors of all maps. Differentiable. */
  logits(maps: readonly FeatureMap[]): { objectness: tf.Tensor2D; offsets: tf.Tensor3D };
  /** The anchors, in that order, in pixels of the network's input. */
  anchors(maps: readonly FeatureMap[]): Anchors;
  /** Both, read, for the first image of the maps. */
  predict(maps: readonly FeatureMap[]): Promise<AnchorPredictions>;
  /** The best boxes of what it predicts, in pixels of the image. */
  select(predictions: AnchorPredictions, context: Omit<ProposalContext, 'maps'>): Boxes;
}

export interface RegionProposalNetworkOptions extends RpnConfig {
  /** Of every map. */
  channels: number;
  /** @default 'center' */
  cells?: CellPosition;
  /** Initialises the head, uniform on [0, 1). */
  random?: () => number;
}

/** Slot 1 of Faster R-CNN: at every cell of every map, how likely each anchor holds an object, and where (§3.1). */
export function regionProposalNetwork(options: RegionProposalNetworkOptions): RegionProposalNetwork {
  const { channels, anchors: shapes, cells, convDepth, random } = options;
  const numAnchors = shapes.sizes[0]!.length * shapes.aspectRatios.length;
  const head = rpnHead({ inChannels: channels, numAnchors, convDepth, random });
  const anchors = remembered(cells === 'corner' ? cornerAnchors(shapes) : centeredAnchors(shapes));
  const logits: RegionProposalNetwork['logits'] = (maps) => {
    const outputs = maps.map(({ map }) => head.apply(map) as [tf.Tensor4D, tf.Tensor4D]);
    const images = maps[0]!.map.shape[0];
    return {
      objectness: tf.concat(
        outputs.map(([score]) => tf.reshape(score, [images, -1]) as tf.Tensor2D),
        1,
      ),
      offsets: tf.concat(
        outputs.map(([, box]) => tf.reshape(box, [images, -1, 4]) as tf.Tensor3D),
        1,
      ),
    };
  };
  const select: RegionProposalNetwork['select'] = (predictions, { image, size, maxProposals }) => {
    const { boxes, counts } = predictions.anchors;
    const proposals = filterProposals(
      { ...predictions, anchors: boxes, anchorsPerLevel: counts, imageSize: size },
      { ...options, ...(maxProposals && { preNms: maxProposals, postNms: maxProposals }) },
    );
    // Back in pixels of the image, and within it however float32 rounds.
    return clipBoxesToImage(resizeBoxes(proposals.boxes, { from: size, to: image }), image);
  };
  const predict = async (maps: readonly FeatureMap[]) => ({
    ...(await read(() => logits(maps))),
    anchors: anchors(maps),
  });
  return {
    ...modelPart(head),
    needsMaps: true,
    logits,
    anchors,
    select,
    predict,
    propose: async ({ maps, ...context }) => select(await predict(maps), context),
  };
}

/** Keeps the last ones: pictures of one camera need the same again. */
function remembered(anchors: RegionProposalNetwork['anchors']): RegionProposalNetwork['anchors'] {
  let last: { sizes: string; anchors: Anchors } | undefined;
  return (maps) => {
    const sizes = maps.map(({ map: { shape } }) => `${shape[1]}×${shape[2]}`).join();
    if (last?.sizes !== sizes) last = { sizes, anchors: anchors(maps) };
    return last.anchors;
  };
}

/** torchvision's: centred on corners of cells, whose size is the input's over the map's, rounded down. */
function cornerAnchors(shapes: RpnConfig['anchors']): RegionProposalNetwork['anchors'] {
  const generator = new AnchorGenerator(shapes);
  return (maps) => {
    const sizes = maps.map(({ map: { shape } }) => ({ height: shape[1], width: shape[2] }));
    const { stride } = maps[0]!.field; // of the finest, which divides the padded input
    const input = { width: sizes[0]!.width * stride, height: sizes[0]!.height * stride };
    return generator.generate(input, sizes);
  };
}

/** Anchors of every map, centred where its cells look. */
function centeredAnchors({ sizes, aspectRatios }: RpnConfig['anchors']): RegionProposalNetwork['anchors'] {
  const generators = sizes.map((ofMap) => new AnchorGenerator({ sizes: [ofMap], aspectRatios }));
  return (maps) => {
    const perMap = maps.map(({ map, field: { stride, center } }, i) => {
      const [, height, width] = map.shape;
      const covered = { width: width * stride, height: height * stride };
      return generators[i]!.generate(covered, [{ width, height }]).boxes.map((value) => value + center);
    });
    const boxes = new Float32Array(perMap.reduce((sum, { length }) => sum + length, 0));
    let start = 0;
    for (const some of perMap) {
      boxes.set(some, start);
      start += some.length;
    }
    return { boxes, counts: perMap.map(({ length }) => length / 4) };
  };
}

async function read(predict: () => { objectness: tf.Tensor2D; offsets: tf.Tensor3D }) {
  const [objectness, offsets] = tf.tidy(() => {
    const predicted = predict();
    return [predicted.objectness, predicted.offsets];
  }) as [tf.Tensor2D, tf.Tensor3D];
  try {
    const [scores, boxes] = await Promise.all([objectness.data(), offsets.data()]);
    return { objectness: scores as Float32Array, offsets: boxes as Float32Array };
  } finally {
    tf.dispose([objectness, offsets]);
  }
}
