import { checkList, checkPositive } from './checks';
import type { Boxes, ImageSize } from './types';

export interface AnchorGeneratorOptions {
  /**
   * For each feature map the sides of its square anchors, pixels.
   * @default [[32], [64], [128], [256], [512]] FPN §4.1: one size a level, P2 to P6
   */
  sizes?: readonly (readonly number[])[];
  /** Height / width, for every map the same or one list a map. @default [0.5, 1, 2] Faster R-CNN §3.1.1 */
  aspectRatios?: readonly number[] | readonly (readonly number[])[];
  /** Whether an anchor's corners are whole pixels from its centre, halves to the even one. @default true torchvision */
  round?: boolean;
  /** Where a centre lies in its cell, in strides from the top left corner. @default 0 torchvision; 0.5 is the middle */
  offset?: number;
}

/** The anchors of all maps. */
export interface Anchors {
  /** `[N, 4]`, in the order map, row, column, aspect ratio, size; not clipped to the image. */
  boxes: Boxes;
  /** For each map how many of `boxes` are its own. */
  counts: number[];
}

/** float32 with halves to the even integer, as torch rounds. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest === 0.5) return below % 2 === 0 ? below : below + 1;
  return rest < 0.5 ? below : below + 1;
}

/** Anchors about the origin, `[ratios · sizes, 4]`: h = size · √ratio, w = size / √ratio, each step in float32 as torchvision's. */
function cellAnchors(sizes: readonly number[], ratios: readonly number[], round: boolean): Float32Array {
  const f = Math.fround;
  const anchors = new Float32Array(4 * sizes.length * ratios.length);
  let at = 0;
  for (const ratio of ratios) {
    const heightRatio = f(Math.sqrt(f(ratio)));
    const widthRatio = f(1 / heightRatio);
    for (const size of sizes) {
      const halfWidth = f(widthRatio * f(size)) / 2;
      const halfHeight = f(heightRatio * f(size)) / 2;
      const x = round ? roundHalfToEven(halfWidth) : halfWidth;
      const y = round ? roundHalfToEven(halfHeight) : halfHeight;
      anchors[at++] = -x;
      anchors[at++] = -y;
      anchors[at++] = x;
      anchors[at++] = y;
    }
  }
  return anchors;
}

/** The reference boxes of a region proposal network (Faster R-CNN §3.1.1), as torchvision's `AnchorGenerator` lays them. */
export class AnchorGenerator {
  /** For each map how many anchors a cell has. */
  readonly anchorsPerCell: readonly number[];
  readonly offset: number;
  /** `[anchorsPerCell, 4]` for each map, about the origin. */
  readonly #cells: readonly Float32Array[];

  constructor({
    sizes = [[32], [64], [128], [256], [512]],
    aspectRatios = [0.5, 1, 2],
    round = true,
    offset = 0,
  }: AnchorGeneratorOptions = {}) {
    checkList('AnchorGenerator', 'sizes', sizes, 'a list of sides for each map');
    for (const ofMap of sizes) checkList('AnchorGenerator', 'an entry of sizes', ofMap, 'the sides of a map');
    checkList('AnchorGenerator', 'aspectRatios', aspectRatios, 'one for all maps or a list for each');
    const ratios = aspectRatios.every((entry) => typeof entry === 'number')
      ? sizes.map(() => aspectRatios)
      : aspectRatios.filter((entry) => typeof entry !== 'number');
    checkOptions(sizes, ratios, offset);
    this.#cells = sizes.map((ofMap, map) => cellAnchors(ofMap, ratios[map]!, round));
    this.anchorsPerCell = this.#cells.map((cell) => cell.length / 4);
    this.offset = offset;
  }

  /**
   * The anchors of every cell of every map. A map's stride is the image's side divided by the map's, rounded down, for
   * each axis by itself, as in torchvision: 61 and not 64 for 13 rows over 800 pixels.
   *
   * @param imageSize the network's input with its padding
   * @param mapSizes in the order of `sizes`
   * @throws RangeError where there are not as many maps as `sizes`, or a map is empty or larger than the image
   */
  generate(imageSize: ImageSize, mapSizes: readonly ImageSize[]): Anchors {
    checkMaps(imageSize, mapSizes, this.#cells.length);
    const counts = mapSizes.map(({ width, height }, map) => width * height * this.anchorsPerCell[map]!);
    const boxes = new Float32Array(4 * counts.reduce((a, b) => a + b, 0));
    let start = 0;
    mapSizes.forEach((map, m) => {
      const stride = strideOf(imageSize, map);
      const end = start + 4 * counts[m]!;
      placeCells(this.#cells[m]!, map, { stride, offset: this.offset }, boxes.subarray(start, end));
      start = end;
    });
    return { boxes, counts };
  }

  /**
   * Some of one map's anchors, as `generate` has them, without making the others.
   *
   * @param indices among the map's own: row, column, aspect ratio, size
   * @param map its place in `sizes`
   */
  generateSome(
    indices: ArrayLike<number>,
    { map, imageSize, mapSize }: { map: number; imageSize: ImageSize; mapSize: ImageSize },
  ): Boxes {
    const cell = this.#cells[map]!;
    const perCell = this.anchorsPerCell[map]!;
    const stride = strideOf(imageSize, mapSize);
    const boxes = new Float32Array(4 * indices.length);
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i]!;
      const at = Math.floor(index / perCell);
      const x = ((at % mapSize.width) + this.offset) * stride.x;
      const y = (Math.floor(at / mapSize.width) + this.offset) * stride.y;
      const c = 4 * (index % perCell);
      boxes[4 * i] = cell[c]! + x;
      boxes[4 * i + 1] = cell[c + 1]! + y;
      boxes[4 * i + 2] = cell[c + 2]! + x;
      boxes[4 * i + 3] = cell[c + 3]! + y;
    }
    return boxes;
  }
}

function strideOf(image: ImageSize, map: ImageSize): { x: number; y: number } {
  return { x: Math.floor(image.width / map.width), y: Math.floor(image.height / map.height) };
}

/** Copies the anchors of a cell to every cell of a map. */
function placeCells(
  cell: Float32Array,
  { width, height }: ImageSize,
  { stride, offset }: { stride: { x: number; y: number }; offset: number },
  out: Boxes,
): void {
  let at = 0;
  for (let row = 0; row < height; row++) {
    const y = (row + offset) * stride.y;
    for (let column = 0; column < width; column++) {
      const x = (column + offset) * stride.x;
      for (let c = 0; c < cell.length; c += 4) {
        out[at++] = cell[c]! + x;
        out[at++] = cell[c + 1]! + y;
        out[at++] = cell[c + 2]! + x;
        out[at++] = cell[c + 3]! + y;
      }
    }
  }
}

function checkOptions(
  sizes: readonly (readonly number[])[],
  ratios: readonly (readonly number[])[],
  offset: number,
): void {
  if (ratios.length !== sizes.length) {
    throw new RangeError(
      `AnchorGenerator: aspectRatios must be one list, or one for each map (${sizes.length}), got ${ratios.length} lists`,
    );
  }
  const named = { sizes: sizes.flat(), aspectRatios: ratios.flat() };
  for (const [name, values] of Object.entries(named)) {
    for (const value of values) checkPositive('AnchorGenerator', name, value);
  }
  if (typeof offset !== 'number' || !(offset >= 0 && offset < 1)) {
    throw new RangeError(`AnchorGenerator: offset must be in [0, 1), got ${String(offset)}`);
  }
}

function checkMaps(imageSize: ImageSize, mapSizes: readonly ImageSize[], numMaps: number): void {
  if (mapSizes.length !== numMaps) {
    throw new RangeError(
      `AnchorGenerator.generate: mapSizes must be one for each entry of sizes (${numMaps}), got ${mapSizes.length}`,
    );
  }
  const fits = (side: number, most: number) => Number.isInteger(side) && side > 0 && side <= most;
  for (const { width, height } of mapSizes) {
    if (!fits(width, imageSize.width) || !fits(height, imageSize.height)) {
      throw new RangeError(
        `AnchorGenerator.generate: a map must have whole sides up to the image's (${imageSize.width} × ${imageSize.height}), got ${width} × ${height}`,
      );
    }
  }
}
