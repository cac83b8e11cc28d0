import { AnchorGenerator, type Anchors, type Boxes, type ImageSize } from '@roikit/geometry';
import type { CellPosition, RpnConfig } from '../config';
import { joined } from '../joined';
import type { FeatureMap } from '../parts';

/** The anchors of feature maps, in pixels of the network's input. */
export interface MapAnchors {
  /** Those of all cells, map after map. */
  all(maps: readonly FeatureMap[]): Anchors;
  /** Some of one map's, by their indices in it; no others are made. */
  some(maps: readonly FeatureMap[], level: number, indices: Int32Array): Boxes;
}

/** @param cells where they are centred. @default 'center' */
export function mapAnchors(shapes: RpnConfig['anchors'], cells: CellPosition = 'center'): MapAnchors {
  const { all, some } = cells === 'corner' ? cornerAnchors(shapes) : centeredAnchors(shapes);
  return { all: remembered(all), some };
}

/** torchvision's: centred on corners of cells, whose size is the input's over the map's, rounded down. */
function cornerAnchors(shapes: RpnConfig['anchors']): MapAnchors {
  const generator = new AnchorGenerator(shapes);
  // The finest map's stride divides the input.
  const inputOf = (maps: readonly FeatureMap[]) => covered(sizeOf(maps[0]!.map), maps[0]!.field);
  return {
    all: (maps) =>
      generator.generate(
        inputOf(maps),
        maps.map(({ map }) => sizeOf(map)),
      ),
    some: (maps, level, indices) =>
      generator.generateSome(indices, {
        map: level,
        imageSize: inputOf(maps),
        mapSize: sizeOf(maps[level]!.map),
      }),
  };
}

/** Centred where the cells look. */
function centeredAnchors({ sizes, aspectRatios }: RpnConfig['anchors']): MapAnchors {
  const generators = sizes.map((ofMap) => new AnchorGenerator({ sizes: [ofMap], aspectRatios }));
  const all: MapAnchors['all'] = (maps) => {
    const perMap = maps.map(({ map, field }, i) => {
      const size = sizeOf(map);
      return moved(generators[i]!.generate(covered(size, field), [size]).boxes, field.center);
    });
    return { boxes: joined(perMap), counts: perMap.map(({ length }) => length / 4) };
  };
  return {
    all,
    some: (maps, level, indices) => {
      const { map, field } = maps[level]!;
      const mapSize = sizeOf(map);
      const where = { map: 0, imageSize: covered(mapSize, field), mapSize };
      return moved(generators[level]!.generateSome(indices, where), field.center);
    },
  };
}

function sizeOf({ shape }: FeatureMap['map']): ImageSize {
  return { height: shape[1], width: shape[2] };
}

function covered({ width, height }: ImageSize, { stride }: FeatureMap['field']): ImageSize {
  return { width: width * stride, height: height * stride };
}

function moved(boxes: Boxes, by: number): Boxes {
  for (let i = 0; i < boxes.length; i++) boxes[i]! += by;
  return boxes;
}

/** Keeps the last ones: pictures of one camera need the same again. */
function remembered(all: MapAnchors['all']): MapAnchors['all'] {
  let last: { sizes: string; anchors: Anchors } | undefined;
  return (maps) => {
    const sizes = maps.map(({ map: { shape } }) => `${shape[1]}×${shape[2]}`).join();
    if (last?.sizes !== sizes) last = { sizes, anchors: all(maps) };
    return last.anchors;
  };
}
