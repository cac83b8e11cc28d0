import type { Report } from '@roikit/detectors';
import { evaluateCoco, evaluateVoc, mulberry32, type Detections, type GroundTruth } from '@roikit/geometry';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { toReportModel } from '../src/report/fromReport';
import { html } from '../src/report/html';
import { confusionTable } from '../src/report/confusion';
import { judge } from '../src/evaluation/verdict';
import { reportPage } from '../src/report/page';
import { classesTable } from '../src/report/printReport';
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

function randomObjects(random: () => number, count: number): GroundTruth {
  const list = Array.from({ length: count }, () => {
    const [x, y] = [Math.floor(random() * 4) * 5, Math.floor(random() * 4) * 5];
    return [x, y, x + 10 + Math.floor(random() * 6), y + 10 + Math.floor(random() * 6)];
  });
  return { boxes: boxes(...list), labels: Int32Array.from(list, () => 1 + Math.floor(random() * 2)) };
}

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
  test('right, wrong and missed are told apart', () => {
    expect(judge(truth, detections, counting)).toEqual({ right: [0], wrong: [1, 2], missed: 1 });
  });

  test('the second detection of an object is wrong, one of a difficult object is neither', () => {
    const twice: Detections = {
      boxes: boxes([0, 0, 10, 9], [0, 0, 10, 10], [20, 20, 40, 40]),
      scores: Float32Array.of(0.6, 0.9, 0.8),
      labels: Int32Array.of(1, 1, 2),
    };
    expect(judge(truth, twice, counting)).toEqual({ right: [1, 2], wrong: [0], missed: 0 });
    const difficult = { ...truth, difficult: Uint8Array.of(0, 1) };
    expect(judge(difficult, twice, counting)).toEqual({ right: [1], wrong: [0], missed: 0 });
  });

  test('detections inside a crowd are no mistakes', () => {
    const crowded = {
      boxes: boxes([0, 0, 10, 20], [20, 0, 120, 20]),
      labels: Int32Array.of(1, 1),
      crowd: Uint8Array.of(0, 1),
    };
    const found = {
      boxes: boxes([30, 0, 40, 20], [60, 0, 70, 20], [115, 0, 135, 20], [0, 0, 10, 20]),
      scores: Float32Array.of(0.9, 0.8, 0.7, 0.6),
      labels: Int32Array.of(1, 1, 1, 1),
    };
    expect(judge(crowded, found, counting)).toEqual({ right: [3], wrong: [2], missed: 0 });
  });

  test('agrees with the VOC evaluation of the same picture', () => {
    const random = mulberry32(11);
    for (let trial = 0; trial < 50; trial++) {
      const [some, others] = [randomObjects(random, 6), randomObjects(random, 12)];
      const found = { ...others, scores: Float32Array.from(others.labels, () => random()) };
      const { perClass } = evaluateVoc([some], [found], { numClasses: 2 });
      const sum = (field: 'truePositives' | 'falsePositives') =>
        perClass.reduce((total, row) => total + row[field], 0);
      const { right, wrong } = judge(some, found, { scoreThreshold: 0 });
      expect([right.length, wrong.length]).toEqual([sum('truePositives'), sum('falsePositives')]);
    }
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

  test('counts of the detections those that are shown, and says from which score on', () => {
    const shown = toReportModel(makeReport(['square', 'disc']), { ...context, details: [], shownScore: 0.5 });
    // Three reach 0.5, one more 0.1.
    expect(shown.classes.map((row) => row.shown)).toEqual([2, 1]);
    const lines = stripVTControlCharacters(classesTable(shown)).split('\n');
    expect(lines[0]).toMatch(/^class +annotated +detected \(score ≥ 0.5\) +VOC AP50/);
    expect(lines.map((line) => line.split(/ {2,}/)[2])).toEqual([expect.anything(), '2', '1', '3']);
    expect(reportPage(shown, []).replaceAll(/\s+/g, ' ')).toMatch(
      /with a score of at least 0.5[^]*Detected<\/th>/,
    );
    expect(stripVTControlCharacters(classesTable(model)).split('\n').at(-1)).toMatch(/^all +2 +4 /);
  });

  test('is plain JSON, and its curves keep the points where recall rises', () => {
    const copy = JSON.parse(JSON.stringify(model)) as typeof model;
    expect(copy.classes[0]?.curve).toEqual({ recall: [1], precision: [1] });
  });

  test('the page shows numbers and pictures, escapes names and fetches nothing', async () => {
    const image = { data: new Uint8Array(100 * 100 * 3).fill(90), width: 100, height: 100 };
    const verdict = judge(truth, detections, counting);
    const picture = await samplePicture({ id: 'p1', image, truth }, detections, {
      classes: ['square', '<b>'],
      verdict,
    });
    const history = [1, 2, 3].map((epoch) => ({
      epoch,
      loss: 1 / epoch,
      losses: { total: 1 / epoch, classification: 0.5 / epoch, boxRegression: 0.5 / epoch },
      ap50: epoch / 4,
    }));
    const page = reportPage({ ...model, history }, [{ title: 'Pictures', hint: '', pictures: [picture] }]);
    expect(page).toContain('&lt;b&gt;');
    expect(page).toContain('1 of 2 found, 2 wrong');
    expect(page).not.toMatch(/<script|<link|(?:src|href)="(?!data:)|NaN|undefined/);
    // Dashed truth, and of the detections only those of at least the score.
    expect(picture.truth.match(/stroke-dasharray/g)).toHaveLength(2);
    expect(picture.right.match(/<path/g)).toHaveLength(1);
    expect(picture.wrong.match(/<path/g)).toHaveLength(2);
    expect(picture.truth + picture.right + picture.wrong).not.toContain('<text');
    // Right and wrong have a colour each, whatever the class.
    const colours = (layer: string) =>
      new Set([...layer.matchAll(/stroke="(#\w{6})"/g)].map((match) => match[1]));
    expect([colours(picture.right).size, colours(picture.wrong).size]).toEqual([1, 1]);
    expect(colours(picture.right)).not.toEqual(colours(picture.wrong));
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
