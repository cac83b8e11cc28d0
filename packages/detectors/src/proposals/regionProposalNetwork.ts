import { clipBoxesToImage, resizeBoxes, type Anchors, type Boxes } from '@roikit/geometry';
import { filterCandidates, filterProposals, rpnHead, topK, type ProposalCandidates } from '@roikit/heads';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { CellPosition, RpnConfig } from '../config';
import { joined } from '../joined';
import { mapAnchors } from './mapAnchors';
import { modelPart } from '../modelPart';
import type { FeatureMap, Part, ProposalContext, ProposalStage } from '../parts';

/** What the network says of all anchors of one image. */
export interface AnchorPredictions {
  /** `[A]` logits. */
  objectness: Float32Array;
  /** `[A, 4]` */
  offsets: Float32Array;
  anchors: Anchors;
}

/** Of one map of one image. */
type LevelCandidates = Pick<ProposalCandidates, 'objectness' | 'offsets' | 'anchors'>;

export interface RegionProposalNetwork extends ProposalStage, Part {
  needsMaps: true;
  /** Logits `[N, A]` and box offsets `[N, A, 4]` of all anchors of all maps. Differentiable. */
  logits(maps: readonly FeatureMap[]): { objectness: tf.Tensor2D; offsets: tf.Tensor3D };
  /** The anchors, in that order, in pixels of the network's input. */
  anchors(maps: readonly FeatureMap[]): Anchors;
  /** Both, read, for the first image of the maps. */
  predict(maps: readonly FeatureMap[]): Promise<AnchorPredictions>;
  /** The best boxes of what it predicts, in pixels of the image: what `propose` finds without reading it all. */
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
  const anchors = mapAnchors(shapes, cells);

  const logits: RegionProposalNetwork['logits'] = (maps) => {
    const outputs = maps.map((map) => logitsOfMap(head, map));
    return {
      objectness: tf.concat(
        outputs.map(([score]) => score),
        1,
      ),
      offsets: tf.concat(
        outputs.map(([, box]) => box),
        1,
      ),
    };
  };
  const settings = ({ maxProposals }: Pick<ProposalContext, 'maxProposals'>) => ({
    ...options,
    ...(maxProposals && { preNms: maxProposals, postNms: maxProposals }),
  });
  const propose: RegionProposalNetwork['propose'] = async ({ maps, ...context }) => {
    const { preNms = 1000, ...rest } = settings(context);
    const levels = await Promise.all(
      maps.map(async (map, level) => {
        const { best, ...predicted } = await bestOfMap(head, map, preNms);
        return { ...predicted, anchors: anchors.some(maps, level, best) };
      }),
    );
    const candidates = { ...allOf(levels), imageSize: context.size };
    return inImage(filterCandidates(candidates, rest).boxes, context);
  };

  return {
    ...modelPart(head),
    needsMaps: true,
    logits,
    anchors: anchors.all,
    predict: async (maps) => ({ ...(await read(() => logits(maps))), anchors: anchors.all(maps) }),
    select: ({ anchors: { boxes, counts }, ...predictions }, context) => {
      const given = { ...predictions, anchors: boxes, anchorsPerLevel: counts, imageSize: context.size };
      return inImage(filterProposals(given, settings(context)).boxes, context);
    },
    propose,
  };
}

/** Logits `[N, A]` and box offsets `[N, A, 4]` of a map's anchors. */
function logitsOfMap(head: LayersModel, { map }: FeatureMap): [tf.Tensor2D, tf.Tensor3D] {
  const [score, box] = head.apply(map) as [tf.Tensor4D, tf.Tensor4D];
  return [tf.reshape(score, [map.shape[0], -1]), tf.reshape(box, [map.shape[0], -1, 4])];
}

/** The best anchors of a map, by index, and what is said of them; of the others nothing is read but their logits. */
async function bestOfMap(head: LayersModel, map: FeatureMap, k: number) {
  const [score, box] = tf.tidy(() => logitsOfMap(head, map));
  try {
    const all = (await score.data()) as Float32Array;
    const best = topK(all, { k });
    return {
      best,
      objectness: Float32Array.from(best, (i) => all[i]!),
      offsets: await gatherRows(box, best),
    };
  } finally {
    tf.dispose([score, box]);
  }
}

/** Back in pixels of the image, and within it however float32 rounds. */
function inImage(boxes: Boxes, { image, size }: Pick<ProposalContext, 'image' | 'size'>): Boxes {
  return clipBoxesToImage(resizeBoxes(boxes, { from: size, to: image }), image);
}

/** Rows of the first of `[N, A, 4]`, read. */
async function gatherRows(box: tf.Tensor3D, rows: Int32Array): Promise<Float32Array> {
  const chosen = tf.tidy(() => tf.gather(tf.reshape(box, [-1, 4]), tf.tensor1d(rows, 'int32')));
  try {
    return (await chosen.data()) as Float32Array;
  } finally {
    chosen.dispose();
  }
}

/** The candidates of all levels. */
function allOf(perLevel: readonly LevelCandidates[]): Omit<ProposalCandidates, 'imageSize'> {
  return {
    objectness: joined(perLevel.map(({ objectness }) => objectness)),
    offsets: joined(perLevel.map(({ offsets }) => offsets)),
    anchors: joined(perLevel.map(({ anchors }) => anchors)),
    levels: Int32Array.from(perLevel.flatMap(({ objectness }, level) => Array.from(objectness, () => level))),
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
