import { boxIou, mulberry32, type Boxes, type GroundTruth } from '@roikit/geometry';
import { BoxRidgeRegression, boxRegressionExamples, HardNegativeMiner, type LinearSvm } from '@roikit/heads';
import type { LinearHead } from '../src/head/linearHead';
import { evenly, type Fitted } from '../src/training/fittingPhase';
import type { BoxesOptions, SvmOptions } from '../src/training/stagedTraining';

// Sixty images whose features a formula gives, and loops that fit SVMs and box regressors to them.

const random = mulberry32(6);
const side = (least: number, most: number) => least + random() * (most - least);

/** Two classes, some difficult objects and crowds; proposals around the objects and anywhere. */
const samples = Array.from({ length: 60 }, (_, index) => {
  const objects = Array.from({ length: 1 + (index % 3) }, () => {
    const [x, y] = [side(0, 60), side(0, 30)];
    return [x, y, x + side(12, 40), y + side(8, 20)];
  });
  const moved = objects.flatMap((box) =>
    Array.from({ length: 5 }, () => box.map((value) => value + side(-3, 3))),
  );
  const anywhere = Array.from({ length: 30 }, () => {
    const [x, y] = [side(0, 80), side(0, 40)];
    return [x, y, x + side(8, 40), y + side(6, 24)];
  });
  const truth: GroundTruth = {
    boxes: Float32Array.from(objects.flat()),
    labels: Int32Array.from(objects, (_object, i) => 1 + ((index + i) % 2)),
    difficult: Uint8Array.from(objects, (_object, i) => Number(i === 1 && index % 4 === 0)),
    crowd: Uint8Array.from(objects, (_object, i) => Number(i === 2 && index % 5 === 0)),
  };
  return { truth, proposals: Float32Array.from([...anywhere, ...moved].flat()) };
});

const image = { data: new Uint8Array(3), width: 1, height: 1 };
const dataset = {
  name: 'sixty',
  classes: ['a', 'b'],
  length: samples.length,
  id: String,
  get: async (index: number) => ({ id: `${index}`, image, truth: samples[index]!.truth }),
};
const table = {
  indices: samples.map((_, i) => i),
  proposals: new Map(samples.map(({ proposals }, i) => [i, proposals])),
  truths: new Map(samples.map(({ truth }, i) => [i, truth])),
  fingerprint: '',
  objects: [1, 1],
};

const DIMENSIONS = { classifiers: 3, regressors: 2 };
type Kind = keyof typeof DIMENSIONS;

/** What the machines see of boxes. */
function featuresOf(kind: Kind, boxes: Boxes): Float32Array {
  const rows = Array.from({ length: boxes.length / 4 }, (_, i) => {
    const [x1, y1, x2, y2] = boxes.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    return kind === 'classifiers'
      ? [x1 / 20, (y2 - y1) / 5, ((x2 - x1) * (y2 - y1)) / 200]
      : [(x2 - x1) / 10, y1 / 10];
  });
  return Float32Array.from(rows.flat());
}

/** A detector without a network; `fitted` is what was put into it. */
export function fake() {
  const fitted: { svms?: LinearSvm[]; regressors?: unknown[]; open: number } = { open: 0 };
  const detector = {
    config: { type: 'fake', classes: dataset.classes },
    contextOf: () => {
      fitted.open++;
      return { context: {}, dispose: () => fitted.open-- };
    },
    readRegions: async (_: unknown, boxes: Boxes, read: (features: Boxes) => unknown[]) => {
      const [rows] = read(boxes);
      return boxes.length === 0 ? [] : [rows];
    },
    parts: {
      head: {
        dimensions: DIMENSIONS,
        inputs: (boxes: Boxes) => ({
          classifiers: featuresOf('classifiers', boxes),
          regressors: featuresOf('regressors', boxes),
        }),
        setClassifiers: (svms: LinearSvm[]) => (fitted.svms = svms),
        setRegressors: (regressors: unknown[]) => (fitted.regressors = regressors),
      },
    },
  };
  return { detector: detector as unknown as Fitted<LinearHead>, fitted };
}

/** Factor that brings the mean norm of 40 boxes of each of the first 50 images to `norm`. */
function scaleFor(kind: Kind, norm = 20): number {
  const size = DIMENSIONS[kind];
  const norms = samples.slice(0, 50).flatMap(({ proposals }) => {
    const features = featuresOf(kind, evenly(proposals, 40));
    return Array.from({ length: features.length / size }, (_, i) =>
      Math.hypot(...features.subarray(i * size, (i + 1) * size)),
    );
  });
  return (norm * norms.length) / norms.reduce((sum, value) => sum + value, 0);
}

const isIgnored = ({ difficult, crowd }: GroundTruth, i: number) => difficult?.[i] === 1 || crowd?.[i] === 1;
const rowsOf = (boxes: Boxes, rows: number[]) =>
  Float32Array.from(rows.flatMap((row) => [...boxes.subarray(4 * row, 4 * row + 4)]));

/** Of each region, its best overlap with any object of the class. */
function overlapsWith(label: number, regions: Boxes, truth: GroundTruth): number[] {
  const own = [...truth.labels.keys()].filter((i) => truth.labels[i] === label);
  const perObject = own.map((i) => boxIou(rowsOf(truth.boxes, [i]), regions));
  return Array.from({ length: regions.length / 4 }, (_, r) =>
    Math.max(0, ...perObject.map((iou) => iou[r]!)),
  );
}

/** Of negatives that overlap by more, the first is kept; the others are passed over. */
function dropBeside(overlaps: number[], regions: Boxes, negativeIou: number, most: number): void {
  const kept: number[] = [];
  for (const [i, overlap] of overlaps.entries()) {
    if (overlap >= negativeIou) continue;
    if (kept.some((j) => boxIou(rowsOf(regions, [i]), rowsOf(regions, [j]))[0]! > most)) overlaps[i] = 1;
    else kept.push(i);
  }
}

export function svmsByHand({ regions, negativeNms, featureNorm, ...options }: SvmOptions): LinearSvm[] {
  return [1, 2].map((label, k) => {
    const positives = samples.flatMap(({ truth }) => {
      const own = [...truth.labels.keys()].filter((i) => truth.labels[i] === label && !isIgnored(truth, i));
      return [...featuresOf('classifiers', rowsOf(truth.boxes, own))];
    });
    const scale = { dimensions: 3, featureScale: scaleFor('classifiers', featureNorm), seed: k };
    const miner = new HardNegativeMiner(Float32Array.from(positives), { ...options, ...scale });
    for (const { truth, proposals: all } of samples) {
      const proposals = evenly(all, regions);
      const overlaps = overlapsWith(label, proposals, truth);
      if (negativeNms !== undefined) dropBeside(overlaps, proposals, options.negativeIou ?? 0.3, negativeNms);
      miner.add(featuresOf('classifiers', proposals), overlaps);
    }
    return miner.finish();
  });
}

export function regressorsByHand({ regions, minIou, lambda, featureNorm }: BoxesOptions) {
  return [1, 2].map((label) => {
    const featureScale = scaleFor('regressors', featureNorm);
    const regression = new BoxRidgeRegression({ dimensions: 2, lambda, featureScale });
    for (const { truth, proposals: all } of samples) {
      const proposals = evenly(all, regions);
      const own = [...truth.labels.keys()].filter((i) => truth.labels[i] === label && !isIgnored(truth, i));
      const { rows, targets } = boxRegressionExamples(proposals, rowsOf(truth.boxes, own), { minIou });
      regression.add(featuresOf('regressors', rowsOf(proposals, [...rows])), targets);
    }
    return regression.solve();
  });
}

export const data = { dataset, table };
