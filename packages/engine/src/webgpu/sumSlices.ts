import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { epilogueInputs, epilogueName, epilogueWgsl, type Epilogue } from './epilogue';
import { dispatchValues, type WebgpuBackend } from './program';

const NONE: Epilogue = { activation: 'linear' };

/**
 * What `run` makes, split along its sum: it is asked for `[slices, size]`, which is added over the first axis, in its
 * order, so that equal inputs give equal bits; or for the output itself where there is one slice.
 *
 * @param epilogue for the sums; `run` is to do it itself where there is one slice
 */
export function addedSlices(
  backend: WebgpuBackend,
  {
    slices,
    outputShape,
    epilogue = NONE,
  }: { slices: number; outputShape: number[]; epilogue?: Epilogue | undefined },
  run: (shape: number[]) => TensorInfo,
): TensorInfo {
  if (slices === 1) return run(outputShape);
  const size = util.sizeFromShape(outputShape);
  const columns = outputShape.at(-1) ?? 1;
  const parts = run([slices, size]);
  const lanes = (epilogue.bias === undefined ? size : columns) % 4 === 0 ? 4 : 1;
  const type = lanes === 4 ? 'vec4<f32>' : 'f32';
  const inputs = { parts, ...epilogueInputs(epilogue) };
  const out = dispatchValues(backend, {
    name: `SumSlices ${epilogueName(epilogue)} ${lanes}`,
    wgsl: () => `
    ${epilogueWgsl(epilogue, lanes)}
    fn valueAt(index: i32) -> ${type} {
      var sum = ${type}();
      for (var slice = 0; slice < uniforms.slices; slice++) { sum += parts[slice * uniforms.count + index]; }
      return epilogue(sum, index * ${lanes}, (index * ${lanes}) % uniforms.columns);
    }`,
    inputs,
    vectors: lanes === 4 ? [...Object.keys(inputs), 'result'] : [],
    outputShape,
    ints: { slices, columns },
  });
  backend.disposeData(parts.dataId);
  return out;
}

/** As many slices as their least length allows, of at most `most`. */
export function slicesOf(length: number, { least, most }: { least: number; most: number }): number {
  return Math.max(1, Math.min(most, Math.floor(length / least)));
}
