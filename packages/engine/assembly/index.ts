export { convGradFilter } from './convGradFilter';
export { depthwiseGradFilter } from './depthwiseGradFilter';
export { depthwiseGradInput } from './depthwiseGradInput';
export { copyRows } from './copyRows';
export { maxPoolGrad } from './maxPoolGrad';
export { sumRows } from './sumRows';
export { transpose } from './transpose';
export { reluGrad } from './reluGrad';
