import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { batchMatMul } from './batchMatMul';
import { registerBatchNormGradients } from './batchNormGradient';
import { conv2dBackpropFilter } from './conv2dBackpropFilter';
import { conv2dBackpropInput } from './conv2dBackpropInput';
import { depthwiseBackpropFilter } from './depthwiseBackpropFilter';
import { depthwiseBackpropInput } from './depthwiseBackpropInput';
import { registerDilatedGradients } from './dilatedGradients';
import { identity } from './identity';
import { maxPoolGrad } from './maxPoolGrad';
import { registerReluGradients, reluGrad } from './reluGrad';
import { registerKernels, wrapKernels } from './replaceKernel';
import { concat, slice, splitV } from './slice';
import { mean, sum } from './sum';
import { tile } from './tile';
import { unsortedSegmentSum } from './unsortedSegmentSum';
import { loadWasmKernels } from './wasmHeap';

/** Kernels that the wasm backend lacks, and those of its own that are slow for every input. */
const kernels = {
  Conv2DBackpropFilter: conv2dBackpropFilter,
  Conv2DBackpropInput: conv2dBackpropInput,
  DepthwiseConv2dNativeBackpropFilter: depthwiseBackpropFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseBackpropInput,
  MaxPoolGrad: maxPoolGrad,
  ReluGrad: reluGrad,
  UnsortedSegmentSum: unsortedSegmentSum,
};

/** Kernels made around the stock one, which still does what ours does not cover. */
const wrappers = {
  BatchMatMul: batchMatMul,
  Concat: concat,
  Identity: identity,
  Mean: mean,
  Slice: slice,
  SplitV: splitV,
  Sum: sum,
  Tile: tile,
};

let registered = false;

/** Completes the wasm backend, which must be the current one: what training lacks, and what makes it slow. */
export async function registerTrainingKernels(backend: BackendWasm): Promise<void> {
  await loadWasmKernels(backend);
  if (registered) return;
  registered = true;
  registerKernels('wasm', kernels);
  registerReluGradients();
  registerBatchNormGradients();
  registerDilatedGradients();
  wrapKernels('wasm', wrappers);
}
