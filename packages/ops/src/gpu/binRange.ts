import type { RoiPoolAttrs } from '../roiPool';
import type { SpatialPyramidPoolAttrs } from '../spatialPyramidPool';
import { literal, type Dialect } from './dialect';

/** Boxes wider than this many cells have roiPool's exact bins, without torchvision's float32 rounding. */
const MAX_ROUNDED_EXTENT = 256;

const parameters = [
  ['float', 'low'],
  ['float', 'high'],
  ['int', 'p'],
  ['int', 'count'],
  ['int', 'side'],
] as const;

/**
 * Where float32 puts k · (extent / count) beside the integer it is exactly: a GPU's division need not round as float32's
 * does, so the shader divides integers and takes these cases from a list. See host/roiPoolTaps.ts.
 */
function roundedProducts(counts: Iterable<number>): string {
  const cases: string[] = [];
  for (const count of new Set(counts)) {
    for (let extent = 1; extent <= MAX_ROUNDED_EXTENT; extent++) {
      const binSize = Math.fround(extent / count);
      for (let k = 1; k <= count; k++) {
        const excess = Math.sign(Math.fround(k * binSize) - (k * extent) / count);
        // A start is rounded down and an end up, and the last bin's end is no start.
        if ((k * extent) % count !== 0 || excess === 0 || (excess < 0 && k === count)) continue;
        cases.push(`if (count == ${count} && extent == ${extent} && k == ${k}) { return ${excess}; }`);
      }
    }
  }
  return cases.join('\n    ');
}

/** `binRange`: [start, end) of bin p of `count` over a box's side from `low` to `high` pixels; see host/roiPoolTaps.ts. */
export function roiPoolBinRange(d: Dialect, { outputSize, spatialScale }: RoiPoolAttrs): string {
  const excess = [
    ['int', 'extent'],
    ['int', 'k'],
    ['int', 'count'],
  ] as const;
  return `
  ${d.fn('int', 'roundCell', [['float', 'pixels']])} {
    ${d.variable('float', 'cells')} = pixels * ${literal(Math.fround(spatialScale))};
    ${d.variable('float', 'whole')} = floor(abs(cells));
    if (abs(cells) - whole >= 0.5) { whole = whole + 1.0; }
    return ${d.int}(sign(cells) * whole);
  }
  ${d.fn('int', 'excess', excess)} {
    ${roundedProducts(outputSize)}
    return 0;
  }
  ${d.fn('int2', 'binRange', parameters)} {
    ${d.variable('int', 'start')} = roundCell(low);
    ${d.variable('int', 'extent')} = max(roundCell(high) - start + 1, 1);
    ${d.variable('int', 'first')} = p * extent / count + min(excess(extent, p, count), 0);
    ${d.variable('int', 'end')} = ((p + 1) * extent + count - 1) / count + max(excess(extent, p + 1, count), 0);
    return ${d.int2}(max(start + first, 0), min(start + end, side));
  }`;
}

/** The same for one level of a spatial pyramid; see host/spatialPyramidTaps.ts. */
export function spatialPyramidBinRange(d: Dialect, attrs: SpatialPyramidPoolAttrs): string {
  const scale = literal(Math.fround(attrs.spatialScale));
  const { projection } = attrs;
  let first = `floor(low * ${scale}) + 1.0`;
  let last = `ceil(high * ${scale}) - 1.0`;
  if (projection !== 'paper') {
    first = `floor((low + ${literal(1 - projection.offset0 + projection.offset)}) * ${scale} + 0.5)`;
    last = `ceil((high + ${literal(-projection.offset0 - projection.offset)}) * ${scale} - 0.5)`;
  }
  const range =
    attrs.bins === 'adaptive'
      ? `return ${d.int2}(start + p * extent / count, start + ((p + 1) * extent + count - 1) / count);`
      : `${d.variable('int', 'binStart')} = start + p * (extent / count);
    return ${d.int2}(binStart, min(binStart + (extent + count - 1) / count, side));`;
  return `
  ${d.fn('int2', 'binRange', parameters)} {
    ${d.variable('float', 'first')} = ${first};
    ${d.variable('float', 'last')} = ${last};
    if (first > last) {
      first = floor((first + last) / 2.0);
      last = first;
    }
    ${d.variable('int', 'start')} = clamp(${d.int}(first), 0, side - 1);
    ${d.variable('int', 'extent')} = clamp(${d.int}(last), 0, side - 1) - start + 1;
    ${range}
  }`;
}
