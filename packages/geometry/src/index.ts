export type { Boxes, Detections, GroundTruth, ImageSize, RgbImage } from './types';
