// A second entry, so that '@roikit/ops' itself goes without TensorFlow.js's layers.
export { dropout, setDropoutRandom } from './dropout';
