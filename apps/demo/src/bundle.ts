// What examples/page imports: one file for pages without a build step.
export { loadDetector } from '@roikit/detectors';
export { classColor } from '@roikit/draw';
export { useEngine } from '@roikit/engine';
