export { classColor, distinctColor, parseHex, textColorOn } from './color';
export { placeLabel, type PlaceOptions, type Rectangle } from './placeLabel';
export { drawSegmentation, type Segmentation } from './segmentation';
