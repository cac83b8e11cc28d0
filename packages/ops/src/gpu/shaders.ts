import type { RoiAlignAttrs } from '../roiAlign';
import { literal, type Dialect } from './dialect';

/** Expressions, in the shader's language, for the sides of the feature map and the number of boxes. */
export interface Extents {
  images: string;
  height: string;
  width: string;
  regions: string;
}

type Size = readonly [rows: number, columns: number];

/** The parameters of `valueAt`, a bin's or a feature's. */
const binParameters = [
  ['int', 'r'],
  ['int', 'p'],
  ['int', 'q'],
  ['int', 'c'],
] as const;
const featureParameters = [
  ['int', 'image'],
  ['int', 'y'],
  ['int', 'x'],
  ['int', 'c'],
] as const;

/** The cell, y · width + x, of the first maximum of a bin, −1 for an empty one. */
function argmax(d: Dialect, { images, height, width }: Extents, [rows, columns]: Size): string {
  return `
  ${d.fn('int', 'imageOf', [['int', 'r']])} { return ${d.int}(round(getBoxIndices(r))); }
  ${d.fn('int', 'argmaxOf', binParameters)} {
    ${d.variable('int', 'image')} = imageOf(r);
    if (image < 0 || image >= ${images}) { return -1; }
    ${d.variable('int2', 'ys')} = binRange(getBoxes(r, 1), getBoxes(r, 3), p, ${rows}, ${height});
    ${d.variable('int2', 'xs')} = binRange(getBoxes(r, 0), getBoxes(r, 2), q, ${columns}, ${width});
    ${d.variable('int', 'best')} = -1;
    ${d.variable('float', 'maximum')} = 0.0;
    for (${d.variable('int', 'y')} = ys.x; y < ys.y; y++) {
      for (${d.variable('int', 'x')} = xs.x; x < xs.y; x++) {
        ${d.variable('float', 'value')} = getFeatures(image, y, x, c);
        if (best < 0 || value > maximum) {
          best = y * ${width} + x;
          maximum = value;
        }
      }
    }
    return best;
  }`;
}

export function maxPool(d: Dialect, binRange: string, extents: Extents, size: Size): string {
  return `${binRange}${argmax(d, extents, size)}
  ${d.fn('float', 'valueAt', binParameters)} {
    ${d.variable('int', 'best')} = argmaxOf(r, p, q, c);
    if (best < 0) { return 0.0; }
    return getFeatures(imageOf(r), best / ${extents.width}, best % ${extents.width}, c);
  }`;
}

export function maxPoolArgmax(d: Dialect, binRange: string, extents: Extents, size: Size): string {
  return `${binRange}${argmax(d, extents, size)}
  ${d.fn('float', 'valueAt', binParameters)} { return ${d.float}(argmaxOf(r, p, q, c)); }`;
}

/** A feature's gradient: dy of every bin whose argmax it is. Gathered, since a fragment shader cannot scatter. */
export function maxPoolGrad(d: Dialect, binRange: string, extents: Extents, [rows, columns]: Size): string {
  const { height, width, regions } = extents;
  return `${binRange}
  ${d.fn('float', 'valueAt', featureParameters)} {
    ${d.variable('float', 'total')} = 0.0;
    for (${d.variable('int', 'r')} = 0; r < ${regions}; r++) {
      if (${d.int}(round(getBoxIndices(r))) != image) { continue; }
      if (y < binRange(getBoxes(r, 1), getBoxes(r, 3), 0, ${rows}, ${height}).x) { continue; }
      if (y >= binRange(getBoxes(r, 1), getBoxes(r, 3), ${rows - 1}, ${rows}, ${height}).y) { continue; }
      for (${d.variable('int', 'p')} = 0; p < ${rows}; p++) {
        ${d.variable('int2', 'ys')} = binRange(getBoxes(r, 1), getBoxes(r, 3), p, ${rows}, ${height});
        if (y >= ys.y) { continue; }
        if (y < ys.x) { break; }
        for (${d.variable('int', 'q')} = 0; q < ${columns}; q++) {
          ${d.variable('int2', 'xs')} = binRange(getBoxes(r, 0), getBoxes(r, 2), q, ${columns}, ${width});
          if (x >= xs.y) { continue; }
          if (x < xs.x) { break; }
          if (${d.int}(round(getArgmax(r, p, q, c))) == y * ${width} + x) { total = total + getDy(r, p, q, c); }
        }
      }
    }
    return total;
  }`;
}

/** `samplesOf`: start, bin size and samples per bin of one side of a box; see host/roiAlignTaps.ts. */
export function samplesOf(d: Dialect, { spatialScale, samplingRatio, aligned }: RoiAlignAttrs): string {
  const scale = literal(Math.fround(spatialScale));
  // ⌈extent / count⌉ without trusting the GPU's division to be exact where it could be.
  const adaptive = `samples = ceil(extent / ${d.float}(count));
    if ((samples - 1.0) * ${d.float}(count) >= extent) { samples = samples - 1.0; }
    if (samples * ${d.float}(count) < extent) { samples = samples + 1.0; }`;
  const parameters = [
    ['float', 'low'],
    ['float', 'high'],
    ['int', 'count'],
  ] as const;
  return `
  ${d.fn('float3', 'samplesOf', parameters)} {
    ${d.variable('float', 'start')} = low * ${scale} - ${aligned ? '0.5' : '0.0'};
    ${d.variable('float', 'extent')} = high * ${scale} - ${aligned ? '0.5' : '0.0'} - start;
    ${aligned ? '' : 'extent = max(extent, 1.0);'}
    ${d.variable('float', 'samples')} = ${literal(samplingRatio)};
    ${samplingRatio === 0 ? adaptive : ''}
    // A box without end has no samples, rather than a loop without end.
    if (!(abs(extent) < 1e9)) { samples = 0.0; }
    return ${d.float3}(start, extent / ${d.float}(count), samples);
  }
  ${d.fn('float', 'sampleAt', [
    ['float', 'start'],
    ['float', 'binSize'],
    ['float', 'samples'],
    ['int', 'p'],
    ['int', 'i'],
  ])} { return start + ${d.float}(p) * binSize + (${d.float}(i) + 0.5) * binSize / samples; }`;
}

export function roiAlign(d: Dialect, attrs: RoiAlignAttrs, { images, height, width }: Extents): string {
  const [rows, columns] = attrs.outputSize;
  const axis = (name: 'y' | 'x', step: 'i' | 'j', bin: 'p' | 'q', side: string): string => `
        ${d.variable('float', name)} = sampleAt(${name}s.x, ${name}s.y, ${name}s.z, ${bin}, ${step});
        if (${name} < -1.0 || ${name} > ${d.float}(${side})) { continue; }
        ${name} = clamp(${name}, 0.0, ${d.float}(${side} - 1));
        ${d.variable('int', `${name}0`)} = ${d.int}(floor(${name}));
        ${d.variable('int', `${name}1`)} = min(${name}0 + 1, ${side} - 1);
        ${d.variable('float', `${name}f`)} = ${name} - ${d.float}(${name}0);`;
  return `${samplesOf(d, attrs)}
  ${d.fn('float', 'valueAt', binParameters)} {
    ${d.variable('int', 'image')} = ${d.int}(round(getBoxIndices(r)));
    if (image < 0 || image >= ${images}) { return 0.0; }
    ${d.variable('float3', 'ys')} = samplesOf(getBoxes(r, 1), getBoxes(r, 3), ${rows});
    ${d.variable('float3', 'xs')} = samplesOf(getBoxes(r, 0), getBoxes(r, 2), ${columns});
    ${d.variable('float', 'total')} = 0.0;
    for (${d.variable('int', 'i')} = 0; i < ${d.int}(ys.z); i++) {${axis('y', 'i', 'p', height)}
      for (${d.variable('int', 'j')} = 0; j < ${d.int}(xs.z); j++) {${axis('x', 'j', 'q', width)}
        total = total
          + (1.0 - yf) * ((1.0 - xf) * getFeatures(image, y0, x0, c) + xf * getFeatures(image, y0, x1, c))
          + yf * ((1.0 - xf) * getFeatures(image, y1, x0, c) + xf * getFeatures(image, y1, x1, c));
      }
    }
    return total / max(ys.z * xs.z, 1.0);
  }`;
}

/** `weightOf`: Σ over a bin's samples of the bilinear weight that one side gives to a cell. */
export function weightOf(d: Dialect): string {
  return `
  ${d.fn('float', 'weightOf', [
    ['float', 'start'],
    ['float', 'binSize'],
    ['float', 'samples'],
    ['int', 'p'],
    ['int', 'cell'],
    ['int', 'side'],
  ])} {
    ${d.variable('float', 'weight')} = 0.0;
    for (${d.variable('int', 'i')} = 0; i < ${d.int}(samples); i++) {
      ${d.variable('float', 'at')} = sampleAt(start, binSize, samples, p, i);
      if (at < -1.0 || at > ${d.float}(side)) { continue; }
      weight = weight + max(0.0, 1.0 - abs(clamp(at, 0.0, ${d.float}(side - 1)) - ${d.float}(cell)));
    }
    return weight;
  }`;
}

/** A feature's gradient: dy of every bin, weighted by how much its samples take of the feature. */
export function roiAlignGrad(d: Dialect, attrs: RoiAlignAttrs, { height, width, regions }: Extents): string {
  const [rows, columns] = attrs.outputSize;
  // A sample reaches cells less than one away; a box whose corners are swapped runs backwards.
  const missed = (name: 'y' | 'x', bins: number): string =>
    `abs(${d.float}(${name}) - ${name}s.x - ${name}s.y * ${literal(bins / 2)}) > abs(${name}s.y) * ${literal(bins / 2)} + 1.0`;
  return `${samplesOf(d, attrs)}${weightOf(d)}
  ${d.fn('float', 'valueAt', featureParameters)} {
    ${d.variable('float', 'total')} = 0.0;
    for (${d.variable('int', 'r')} = 0; r < ${regions}; r++) {
      if (${d.int}(round(getBoxIndices(r))) != image) { continue; }
      ${d.variable('float3', 'ys')} = samplesOf(getBoxes(r, 1), getBoxes(r, 3), ${rows});
      ${d.variable('float3', 'xs')} = samplesOf(getBoxes(r, 0), getBoxes(r, 2), ${columns});
      if (${missed('y', rows)} || ${missed('x', columns)}) { continue; }
      for (${d.variable('int', 'p')} = 0; p < ${rows}; p++) {
        ${d.variable('float', 'wy')} = weightOf(ys.x, ys.y, ys.z, p, y, ${height});
        if (wy == 0.0) { continue; }
        for (${d.variable('int', 'q')} = 0; q < ${columns}; q++) {
          ${d.variable('float', 'wx')} = weightOf(xs.x, xs.y, xs.z, q, x, ${width});
          if (wx == 0.0) { continue; }
          total = total + getDy(r, p, q, c) * wy * wx / max(ys.z * xs.z, 1.0);
        }
      }
    }
    return total;
  }`;
}
