import type { Report } from '@roikit/detectors';
import { evaluateCoco, evaluateVoc, type Detections, type GroundTruth } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { toReportModel } from '../src/report/fromReport';
import { html } from '../src/report/html';
import { confusionTable, countMistakes } from '../src/report/mistakes';
import { reportPage } from '../src/report/page';
import { precisionRecallPlot } from '../src/report/plots';
import { samplePicture } from '../src/report/pictures';

const boxes = (...list: number[][]) => Float32Array.from(list.flat());

/** Two objects; the first is found, the second is taken for class 1, and one detection is of nothing. */
const truth: GroundTruth = { boxes: boxes([0, 0, 10, 10], [20, 20, 40, 40]), labels: Int32Array.of(1, 2) };
const detections: Detections = {
  boxes: boxes([0, 0, 10, 10], [20, 20, 40, 40], [60, 60, 70, 70], [80, 0, 90, 10]),
  scores: Float32Array.of(0.9, 0.8, 0.7, 0.1),
  labels: Int32Array.of(1, 1, 2, 2),
};
const counting = { numClasses: 2, scoreThreshold: 0.5 };

function makeReport(names: string[]): Report {
  const voc = evaluateVoc([truth], [detections], { numClasses: 2 });
  const coco = evaluateCoco([truth], [detections], { numClasses: 2 });
  const classes = names.map((name, i) => ({
    name,
    ap50: voc.perClass[i]?.ap ?? Number.NaN,
    truths: 1,
    detections: 2,
  }));
  const timings = { proposals: 100, transform: 1, backbone: 50, head: 20, postprocess: 2 };
  return { images: 1, skipped: 0, classes, ap50: voc.mAP, voc, coco, timings };
}

const context = {
  title: 'shapes',
  subtitle: '',
  details: [['Command', 'roikit evaluate <x>']] as const,
  config: { type: 'fast-rcnn' },
};

test('whatever is filled into a page is escaped', () => {
  expect(html`<b title="${'"'}">${'<script>'} ${['a&b', html`<i>${1}</i>`]} ${undefined}</b>`.markup).toBe(
    '<b title="&quot;">&lt;script&gt; a&amp;b<i>1</i> </b>',
  );
});

describe('mistakes', () => {
  test('right, missed and wrong are told apart', () => {
    expect(countMistakes(truth, detections, counting)).toEqual({ found: 1, missed: 1, wrong: 2 });
  });

  test('the matrix has annotated classes in rows and "nothing" last', () => {
    const { counts } = confusionTable([{ truth, detections }], counting);
    expect(counts).toEqual([
      [1, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });
});

describe('report', () => {
  const model = toReportModel(makeReport(['square', '<b>']), { ...context, details: [...context.details] });

  test('has the twelve COCO numbers in their order, and each class its AP', () => {
    expect(model.coco.map(({ name }) => name).join(' ')).toBe(
      'AP AP50 AP75 APs APm APl AR1 AR10 AR100 ARs ARm ARl',
    );
    expect(model.classes[0]?.ap50).toBe(1);
    expect(model.classes[0]?.ap).toBeCloseTo(1, 10);
    expect(model.classes[1]).toMatchObject({ ap50: 0, ap: 0 });
  });

  test('is plain JSON, and its curves keep the points where recall rises', () => {
    const copy = JSON.parse(JSON.stringify(model)) as typeof model;
    expect(copy.classes[0]?.curve).toEqual({ recall: [1], precision: [1] });
  });

  test('the page shows numbers and pictures, escapes names and fetches nothing', async () => {
    const image = { data: new Uint8Array(100 * 100 * 3).fill(90), width: 100, height: 100 };
    const mistakes = countMistakes(truth, detections, counting);
    const options = { classes: ['square', '<b>'], scoreThreshold: 0.5, mistakes };
    const picture = await samplePicture({ id: 'p1', image, truth }, detections, options);
    const history = [1, 2, 3].map((epoch) => ({
      epoch,
      loss: 1 / epoch,
      classification: 0.5 / epoch,
      boxRegression: 0.5 / epoch,
      ap50: epoch / 4,
    }));
    const page = reportPage({ ...model, history }, [{ title: 'Pictures', hint: '', pictures: [picture] }]);
    expect(page).toContain('&lt;b&gt;');
    expect(page).toContain('1 of 2 found, 2 wrong');
    expect(page).not.toMatch(/<script|<link|(?:src|href)="(?!data:)|NaN|undefined/);
    // Dashed truth, and of the detections only those of at least the score.
    expect(picture.truth.match(/stroke-dasharray/g)).toHaveLength(2);
    expect(picture.detections.match(/<path/g)).toHaveLength(3);
    expect(picture.truth + picture.detections).not.toContain('<text');
  });
});

test('a precision–recall curve is drawn as the falling envelope whose area is average precision', () => {
  const { markup } = precisionRecallPlot(
    { recall: [0.25, 0.5, 0.75], precision: [0.5, 1, 0.75] },
    { color: '#000', name: 'x' },
  );
  const line = /<path\s+d="(M[^"]+)"\s+style/.exec(markup)?.[1] ?? '';
  const points = line
    .slice(1)
    .split('L')
    .map((point) => point.split(',').map(Number) as [number, number]);
  // Area in the plot's units of 180 × 150 pixels: 0.5 · 1 + 0.25 · 0.75.
  let area = 0;
  for (let i = 1; i < points.length; i++) {
    const [[x0, y0], [x1, y1]] = [points[i - 1] as [number, number], points[i] as [number, number]];
    area += ((x1 - x0) / 180) * ((158 - (y0 + y1) / 2) / 150);
  }
  expect(area).toBeCloseTo(0.5 + 0.25 * 0.75, 5);
  expect(points.every(([, y], i) => i === 0 || y >= (points[i - 1] as [number, number])[1])).toBe(true);
});
