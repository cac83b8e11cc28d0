import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { evaluateCoco, mulberry32, type Detections, type GroundTruth } from '../src';

const dataset = new URL('../../../../shared/data/coco128/instances.json', import.meta.url);
const missing = !existsSync(dataset);
if (missing) console.warn('evaluateCoco.coco128: skipped, shared/data/coco128 is not beside the repository');

interface CocoFile {
  images: { id: number }[];
  categories: { id: number }[];
  annotations: {
    image_id: number;
    category_id: number;
    bbox: [number, number, number, number];
    area: number;
    iscrowd: number;
  }[];
}

/** The rule of goldens/coco128.py, step by step. */
function detectionsOf(
  { bbox: [x, y, w, h], category_id: category }: CocoFile['annotations'][0],
  categories: number[],
) {
  return Array.from({ length: 3 }, () => {
    const spread = random() * 0.4;
    const dx = (random() - 0.5) * spread * w;
    const dy = (random() - 0.5) * spread * h;
    const scale = 1 + (random() - 0.5) * spread;
    const box = [x + dx, y + dy, x + dx + scale * w, y + dy + scale * h];
    const keeps = random() < 0.9;
    const other = categories[Math.floor(random() * categories.length)]!;
    return { box, category: keeps ? category : other, score: Math.floor(random() * 50) / 64 };
  });
}

const random = mulberry32(128);

test.skipIf(missing)('COCO128 (skipped where shared/data is missing): the 12 numbers of pycocotools', () => {
  const { images, categories, annotations } = JSON.parse(readFileSync(dataset, 'utf8')) as CocoFile;
  const golden = JSON.parse(readFileSync(new URL('goldens/coco128.json', import.meta.url), 'utf8')) as {
    stats: Record<string, number>;
  };
  const ids = categories.map(({ id }) => id).sort((a, b) => a - b);
  const found = annotations.map((annotation) => ({
    image: annotation.image_id,
    made: detectionsOf(annotation, ids),
  }));
  const groundTruth: GroundTruth[] = [];
  const detections: Detections[] = [];
  for (const { id } of images.toSorted((a, b) => a.id - b.id)) {
    const truths = annotations.filter((annotation) => annotation.image_id === id);
    const made = found.filter(({ image }) => image === id).flatMap(({ made }) => made);
    groundTruth.push({
      boxes: Float32Array.from(truths.flatMap(({ bbox: [x, y, w, h] }) => [x, y, x + w, y + h])),
      labels: Int32Array.from(truths, (truth) => ids.indexOf(truth.category_id) + 1),
      crowd: Uint8Array.from(truths, (truth) => truth.iscrowd),
      area: Float32Array.from(truths, (truth) => truth.area),
    });
    detections.push({
      boxes: Float32Array.from(made.flatMap(({ box }) => box)),
      scores: Float32Array.from(made, ({ score }) => score),
      labels: Int32Array.from(made, ({ category }) => ids.indexOf(category) + 1),
    });
  }
  const { stats } = evaluateCoco(groundTruth, detections, { numClasses: ids.length });
  const differing = Object.entries(golden.stats).filter(
    ([name, value]) => !(Math.abs(stats[name as 'AP'] - value) < 1e-9),
  );
  expect(differing).toEqual([]);
});
