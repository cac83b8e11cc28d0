import { engine, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { ADD_FIXED_POINT, fixedPointInts, fixedPointSums, readFixedPoint } from './fixedPoint';
import { dispatch, type WebgpuBackend } from './program';

export type RegionInputs = Record<'features' | 'boxes' | 'boxIndices' | 'dy', TensorInfo>;
type Shape4D = [number, number, number, number];

/** Max pooling of regions: where its bins are, as WGSL that defines `binRange(low, high, p, count, side)`. */
export interface MaxPooling {
  key: string;
  size: [rows: number, columns: number];
  binRange: () => string;
}

export const zeros = (shape: number[]): Tensor =>
  engine().runKernel('Fill', {}, { shape, value: 0, dtype: 'float32' });

function intsOf(
  { features, boxes }: RegionInputs,
  [rows, columns]: [number, number],
): Record<string, number> {
  const [images, height, width, channels] = features.shape as Shape4D;
  return { images, height, width, channels, rows, columns, regions: boxes.shape[0]! };
}

/**
 * First and last cell of every bin of every box, `[R, rows + columns, 2]`: once, instead of once a channel. The bins of a
 * box whose image is not there are empty. Twins: host/roiPoolTaps.ts, host/spatialPyramidTaps.ts.
 */
function binRanges(backend: WebgpuBackend, inputs: RegionInputs, { key, size, binRange }: MaxPooling) {
  const { boxes, boxIndices } = inputs;
  const bins = size[0] + size[1];
  return dispatch(backend, {
    name: `BinRanges ${key}`,
    wgsl: () => `${binRange()}
    fn main(index: i32) {
      if (index >= uniforms.count) { return; }
      let bins = uniforms.rows + uniforms.columns;
      let region = index / bins;
      let bin = index % bins;
      let image = boxIndices[region];
      var range = vec2<i32>(0);
      if (image >= 0 && image < uniforms.images) {
        if (bin < uniforms.rows) {
          range = binRange(boxes[4 * region + 1], boxes[4 * region + 3], bin, uniforms.rows, uniforms.height);
        } else {
          let column = bin - uniforms.rows;
          range = binRange(boxes[4 * region], boxes[4 * region + 2], column, uniforms.columns, uniforms.width);
        }
      }
      // One value a thread, since the backend's arrays hold single integers.
      result[2 * index] = max(range.x, 0);
      result[2 * index + 1] = min(range.y, select(uniforms.width, uniforms.height, bin < uniforms.rows));
    }`,
    inputs: { boxes, boxIndices },
    outputShape: [boxes.shape[0]!, bins, 2],
    dtype: 'int32',
    ints: intsOf(inputs, size),
    count: boxes.shape[0]! * bins,
  });
}

/** WGSL: the ranges of the bin that output place `place` (row-major, without its channel) is of. */
const BIN_OF = `
  struct Bin { rows: vec2<i32>, columns: vec2<i32>, image: i32 }
  fn binOf(place: i32) -> Bin {
    let column = place % uniforms.columns;
    let line = place / uniforms.columns;
    let row = line % uniforms.rows;
    let region = line / uniforms.rows;
    let first = region * (uniforms.rows + uniforms.columns);
    let y = 2 * (first + row);
    let x = 2 * (first + uniforms.rows + column);
    return Bin(vec2<i32>(ranges[y], ranges[y + 1]), vec2<i32>(ranges[x], ranges[x + 1]), boxIndices[region]);
  }`;

/** Values are 4 channels of a bin where channels come in fours. */
const FORWARD = (four: boolean) => `${BIN_OF}
  const LANES = ${four ? 4 : 1};
  fn main(index: i32) {
    if (index >= uniforms.count) { return; }
    let groups = uniforms.channels / LANES;
    let group = index % groups;
    let bin = binOf(index / groups);
    var largest = ${four ? 'vec4<f32>(0.0)' : '0.0'};
    var isFirst = true;
    for (var y = bin.rows.x; y < bin.rows.y; y++) {
      for (var x = bin.columns.x; x < bin.columns.y; x++) {
        let value = features[((bin.image * uniforms.height + y) * uniforms.width + x) * groups + group];
        largest = select(largest, value, value > largest);
        if (isFirst) { largest = value; }
        isFirst = false;
      }
    }
    result[index] = largest;
  }`;

/** The maximum of each bin: `[R, rows, columns, C]`. */
export function maxPool(backend: WebgpuBackend, inputs: RegionInputs, pooling: MaxPooling): TensorInfo {
  const { features, boxes, boxIndices } = inputs;
  const channels = features.shape[3]!;
  const outputShape = [boxes.shape[0]!, ...pooling.size, channels];
  if (boxes.shape[0] === 0) return zeros(outputShape);
  const ranges = binRanges(backend, inputs, pooling);
  const four = channels % 4 === 0;
  const out = dispatch(backend, {
    name: `RegionMaxPool ${four ? 4 : 1}`,
    wgsl: () => FORWARD(four),
    inputs: { features, ranges, boxIndices },
    vectors: four ? ['features'] : [],
    outputShape,
    ints: intsOf(inputs, pooling.size),
    count: (boxes.shape[0]! * pooling.size[0] * pooling.size[1] * channels) / (four ? 4 : 1),
  });
  backend.disposeData(ranges.dataId);
  return out;
}

/** A bin sends its dy to its first maximum. */
const BACKWARD = `${BIN_OF}${ADD_FIXED_POINT}
  fn main(index: i32) {
    if (index >= uniforms.count) { return; }
    let channel = index % uniforms.channels;
    let bin = binOf(index / uniforms.channels);
    var largest = 0.0;
    var best = -1;
    for (var y = bin.rows.x; y < bin.rows.y; y++) {
      for (var x = bin.columns.x; x < bin.columns.y; x++) {
        let at = ((bin.image * uniforms.height + y) * uniforms.width + x) * uniforms.channels + channel;
        let value = features[at];
        if (best < 0 || value > largest) {
          largest = value;
          best = at;
        }
      }
    }
    if (best >= 0) { addFixedPoint(best, dy[index]); }
  }`;

/** The gradient by the features. */
export function maxPoolGrad(backend: WebgpuBackend, inputs: RegionInputs, pooling: MaxPooling): TensorInfo {
  const { features, boxes, boxIndices, dy } = inputs;
  const [images, height, width, channels] = features.shape as Shape4D;
  if (boxes.shape[0] === 0) return zeros(features.shape);
  const bins = boxes.shape[0]! * pooling.size[0] * pooling.size[1];
  const ranges = binRanges(backend, inputs, pooling);
  const size = images * height * width * channels;
  const sums = fixedPointSums(backend, { size, addends: bins, values: dy });
  dispatch(backend, {
    name: 'RegionMaxPoolGrad',
    wgsl: () => BACKWARD,
    inputs: { features, dy, ranges, boxIndices },
    outputShape: sums.sums.shape,
    dtype: 'int32',
    ints: { ...intsOf(inputs, pooling.size), ...fixedPointInts(sums) },
    count: bins * channels,
    addTo: sums.sums,
  });
  backend.disposeData(ranges.dataId);
  return readFixedPoint(sums, features.shape);
}
