import type { TensorInfo } from '@tensorflow/tfjs-core';
import { wgsl } from '../gpu/dialect';
import { roiAlign as forwardSource, samplesOf, weightOf } from '../gpu/shaders';
import type { RoiAlignAttrs } from '../roiAlign';
import { ADD_FIXED_POINT, fixedPointInts, fixedPointSums, readFixedPoint } from './fixedPoint';
import { zeros, type RegionInputs } from './maxPool';
import { dispatch, type WebgpuBackend } from './program';

type Shape4D = [number, number, number, number];

const extents = {
  images: 'uniforms.images',
  height: 'uniforms.height',
  width: 'uniforms.width',
  regions: 'uniforms.regions',
};

/** A value's place in dy or in the output. */
const PLACE = `
  struct Place { region: i32, row: i32, column: i32, channel: i32 }
  fn placeOf(index: i32) -> Place {
    let bin = index / uniforms.channels;
    let line = bin / uniforms.columns;
    return Place(line / uniforms.rows, line % uniforms.rows, bin % uniforms.columns, index % uniforms.channels);
  }`;

/** The names by which the shader shared with WebGL reads its inputs. */
const GETTERS = `
  fn getFeatures(image: i32, y: i32, x: i32, c: i32) -> f32 {
    return map[((image * uniforms.height + y) * uniforms.width + x) * uniforms.channels + c];
  }
  fn getBoxes(region: i32, corner: i32) -> f32 { return corners[4 * region + corner]; }
  fn getBoxIndices(region: i32) -> f32 { return f32(imageIndices[region]); }`;

function intsOf({ features, boxes }: RegionInputs, { outputSize: [rows, columns] }: RoiAlignAttrs) {
  const [images, height, width, channels] = features.shape as Shape4D;
  return { images, height, width, channels, rows, columns, regions: boxes.shape[0]! };
}

/** Twin: host/roiAlignTaps.ts. */
export function roiAlign(backend: WebgpuBackend, inputs: RegionInputs, attrs: RoiAlignAttrs): TensorInfo {
  const { features, boxes, boxIndices } = inputs;
  const outputShape = [boxes.shape[0]!, ...attrs.outputSize, features.shape[3]!];
  if (boxes.shape[0] === 0) return zeros(outputShape);
  return dispatch(backend, {
    name: `RoiAlign ${JSON.stringify(attrs)}`,
    wgsl: () => `${PLACE}${GETTERS}${forwardSource(wgsl, attrs, extents)}
    fn main(index: i32) {
      if (index >= uniforms.count) { return; }
      let place = placeOf(index);
      result[index] = valueAt(place.region, place.row, place.column, place.channel);
    }`,
    inputs: { map: features, corners: boxes, imageIndices: boxIndices },
    outputShape,
    ints: intsOf(inputs, attrs),
    count: outputShape.reduce((product, side) => product * side, 1),
  });
}

/** One side's first and last cell that a bin's samples may reach. */
const reached = (name: 'row' | 'column', side: 'height' | 'width') => `
    let ${name}Ends = vec2<f32>(
      sampleAt(${name}s.x, ${name}s.y, ${name}s.z, place.${name}, 0),
      sampleAt(${name}s.x, ${name}s.y, ${name}s.z, place.${name}, i32(${name}s.z) - 1));
    let ${name}Range = clamp(
      vec2<i32>(i32(floor(min(${name}Ends.x, ${name}Ends.y))), i32(floor(max(${name}Ends.x, ${name}Ends.y))) + 1),
      vec2<i32>(0),
      vec2<i32>(uniforms.${side} - 1));`;

/** A bin sends dy to the cells that its samples read, by what they read of each. */
const backwardSource = (attrs: RoiAlignAttrs): string => `
  ${PLACE}${ADD_FIXED_POINT}${samplesOf(wgsl, attrs)}${weightOf(wgsl)}
  fn main(index: i32) {
    if (index >= uniforms.count) { return; }
    let place = placeOf(index);
    let image = boxIndices[place.region];
    let box = 4 * place.region;
    let rows = samplesOf(boxes[box + 1], boxes[box + 3], uniforms.rows);
    let columns = samplesOf(boxes[box], boxes[box + 2], uniforms.columns);
    if (image < 0 || image >= uniforms.images || rows.z < 1.0 || columns.z < 1.0) { return; }
    ${reached('row', 'height')}
    ${reached('column', 'width')}
    let share = dy[index] / (rows.z * columns.z);
    for (var y = rowRange.x; y <= rowRange.y; y++) {
      let rowWeight = weightOf(rows.x, rows.y, rows.z, place.row, y, uniforms.height);
      if (rowWeight == 0.0) { continue; }
      for (var x = columnRange.x; x <= columnRange.y; x++) {
        let weight = rowWeight * weightOf(columns.x, columns.y, columns.z, place.column, x, uniforms.width);
        if (weight == 0.0) { continue; }
        let cell = (image * uniforms.height + y) * uniforms.width + x;
        addFixedPoint(cell * uniforms.channels + place.channel, share * weight);
      }
    }
  }`;

/** The gradient by the features. */
export function roiAlignGrad(backend: WebgpuBackend, inputs: RegionInputs, attrs: RoiAlignAttrs): TensorInfo {
  const { features, boxes, boxIndices, dy } = inputs;
  if (boxes.shape[0] === 0) return zeros(features.shape);
  const size = features.shape.reduce((product, side) => product * side, 1);
  const bins = boxes.shape[0]! * attrs.outputSize[0] * attrs.outputSize[1];
  const sums = fixedPointSums(backend, { size, addends: bins, values: dy });
  dispatch(backend, {
    name: `RoiAlignGrad ${JSON.stringify(attrs)}`,
    wgsl: () => backwardSource(attrs),
    inputs: { dy, boxes, boxIndices },
    outputShape: sums.sums.shape,
    dtype: 'int32',
    ints: { ...intsOf(inputs, attrs), ...fixedPointInts(sums) },
    count: bins * features.shape[3]!,
    addTo: sums.sums,
  });
  return readFixedPoint(sums, features.shape);
}
