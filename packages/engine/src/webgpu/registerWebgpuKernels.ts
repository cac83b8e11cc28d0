import { registerBatchNormGradients } from '../kernels/batchNormGradient';
import { registerDilatedGradients } from '../kernels/dilatedGradients';
import { registerFusedConvolution } from '../kernels/fusedConvolution';
import { registerFusedDense } from '../kernels/fusedDense';
import { registerReluGradients } from '../kernels/reluGrad';
import { registerKernels, wrapKernels } from '../kernels/replaceKernel';
import { addN } from './addN';
import { addRelu } from './addRelu';
import { batchMatMul, fusedMatMul } from './batchMatMul';
import { conv2d, fusedConv2d, fusedConv2dAddRelu } from './conv2d';
import { conv2dBackpropFilter, fusedConv2dBackpropFilter } from './conv2dBackpropFilter';
import { conv2dBackpropInput } from './conv2dBackpropInput';
import { denseBackpropInput, denseBackpropWeights } from './denseBackprop';
import { depthwiseBackpropFilter } from './depthwiseBackpropFilter';
import { depthwiseBackpropInput } from './depthwiseBackpropInput';
import { fusedAdamW } from './fusedAdamW';
import { fusedSgd } from './fusedSgd';
import { globalNorm } from './globalNorm';
import { maxPoolGrad } from './maxPoolGrad';
import { reluGrad } from './reluGrad';
import { registerLossGradients } from './lossGradients';
import { smoothL1Loss, smoothL1LossGrad } from './smoothL1Loss';
import { softmaxLoss, softmaxLossGrad } from './softmaxLoss';
import { sum } from './sum';

/** Kernels of the webgpu backend that are slow for every input, and those that it lacks. */
const kernels = {
  AddRelu: addRelu,
  Conv2DBackpropFilter: conv2dBackpropFilter,
  Conv2DBackpropInput: conv2dBackpropInput,
  DenseBackpropInput: denseBackpropInput,
  DenseBackpropWeights: denseBackpropWeights,
  DepthwiseConv2dNativeBackpropFilter: depthwiseBackpropFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseBackpropInput,
  FusedAdamW: fusedAdamW,
  FusedConv2DAddRelu: fusedConv2dAddRelu,
  FusedConv2DBackpropFilter: fusedConv2dBackpropFilter,
  FusedSgd: fusedSgd,
  GlobalNorm: globalNorm,
  MaxPoolGrad: maxPoolGrad,
  ReluGrad: reluGrad,
  SmoothL1Loss: smoothL1Loss,
  SmoothL1LossGrad: smoothL1LossGrad,
  SoftmaxLoss: softmaxLoss,
  SoftmaxLossGrad: softmaxLossGrad,
};

/** Kernels made around the stock one, which still does what ours does not cover. */
const wrappers = {
  AddN: addN,
  BatchMatMul: batchMatMul,
  Conv2D: conv2d,
  FusedConv2D: fusedConv2d,
  Sum: sum,
  _FusedMatMul: fusedMatMul,
};

let registered = false;

/** Replaces what makes training on the webgpu backend slow, or fail. */
export function registerWebgpuKernels(): void {
  if (registered) return;
  registered = true;
  registerKernels('webgpu', kernels);
  wrapKernels('webgpu', wrappers);
  registerReluGradients();
  registerBatchNormGradients();
  registerDilatedGradients();
  registerFusedConvolution();
  registerFusedDense();
  registerLossGradients();
}
