export { openClassifier, saveClassifier } from './node/classifierFolder';
export { openImageFolder } from './node/imageFolder';
