export { convGradFilter } from './convGradFilter';
export { depthwiseGradFilter } from './depthwiseGradFilter';
export { depthwiseGradInput } from './depthwiseGradInput';
