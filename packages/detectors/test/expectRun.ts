import { expect } from 'vitest';
import type { DetectRun } from './torchvisionGolden';
import type { Comparison } from './torchvisionRun';

/**
 * Everything from the picture to its detections is torchvision's.
 *
 * @param tolerance of maps, as a part of their scale, and of scores; boxes to .05 pixels
 */
export function expectRun(got: Comparison, run: DetectRun, tolerance = 1e-4): void {
  expect(got).toMatchObject({ resized: run.resized, padded: run.padded, labels: run.labels, proposals: 1 });
  expect(got.mapShapes).toEqual(run.maps.map(({ shape }) => shape));
  expect(Math.max(...got.maps)).toBeLessThan(tolerance);
  expect(got.anchors).toBeLessThan(1e-6);
  expect(got.scores).toBeLessThan(tolerance);
  expect(got.boxes).toBeLessThan(0.05);
}
