import {
  averagePrecision,
  matchDetections,
  precisionRecallCurve,
  TRUE_POSITIVE,
  type PrecisionRecallCurve,
} from '@roikit/geometry';
import { computed } from '@preact/signals';
import { run as currentRun, scoreRange, type Run } from '../state/derived';
import { scoreThreshold } from '../state/walk';
import { t } from '../i18n';
import type { DrawnBox } from '../paint/layers';
import { Slider } from '../ui/Slider';
import { boxOf, className, percent, type Stage } from './stage';

const [WIDTH, HEIGHT] = [320, 220];

/** The picture's detections against its truth, all classes in one list. */
const judged = computed(() => {
  const run = currentRun.value;
  if (!run?.truth) return undefined;
  const { detections } = run.snapshot;
  const { outcomes, truths } = matchDetections(run.truth, detections);
  const right = outcomes.map((outcome) => (outcome === TRUE_POSITIVE ? 1 : 0));
  const curve = precisionRecallCurve(detections.scores, right, run.truth.labels.length);
  return { run, right, truths, curve, ap: averagePrecision(curve, 'area') };
});

/** The point of the curve where the score slider stands: detections so far. */
const standing = computed(() => {
  const scores = judged.value?.curve.scores ?? new Float64Array(0);
  return scores.filter((score) => score >= scoreThreshold.value).length;
});

function Panel() {
  const found = judged.value;
  if (!found) return null;
  const { curve, ap } = found;
  const at = standing.value - 1;
  const precision = at < 0 ? 1 : curve.precision[at]!;
  const recall = at < 0 ? 0 : curve.recall[at]!;
  return (
    <>
      <Slider label={t('score')} value={scoreThreshold} step={0.01} {...scoreRange.value} shows={percent} />
      <Plot curve={curve} point={[recall, precision]} />
      <dl class="numbers">
        <div>
          <dt>{t('accuracy.precision')}</dt>
          <dd>{precision.toFixed(2)}</dd>
        </div>
        <div>
          <dt>{t('accuracy.recall')}</dt>
          <dd data-recall={recall}>{recall.toFixed(2)}</dd>
        </div>
        <div>
          <dt>AP</dt>
          <dd>{ap.toFixed(3)}</dd>
        </div>
      </dl>
    </>
  );
}

/** Recall to the right, precision up; the area under the envelope is shaded. */
function Plot({ curve, point }: { curve: PrecisionRecallCurve; point: [number, number] }) {
  const x = (recall: number) => 30 + recall * (WIDTH - 40);
  const y = (precision: number) => HEIGHT - 24 - precision * (HEIGHT - 34);
  const steps = Array.from(curve.recall, (recall, i) => [recall, curve.precision[i]!] as const);
  const envelope = steps.map(([recall], i) => [recall, Math.max(...curve.precision.subarray(i))] as const);
  const outline = envelope.map(([r, p], i) => `H${i === 0 ? x(0) : x(envelope[i - 1]![0])}V${y(p)}H${x(r)}`);
  const last = envelope.at(-1)?.[0] ?? 0;
  return (
    <svg class="plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t('accuracy.plot')}>
      {[0, 0.5, 1].map((value) => (
        <g key={value}>
          <line x1={x(0)} x2={x(1)} y1={y(value)} y2={y(value)} class="rule" />
          <text x={24} y={y(value) + 4} text-anchor="end">
            {value}
          </text>
          <text x={x(value)} y={HEIGHT - 6} text-anchor="middle">
            {value}
          </text>
        </g>
      ))}
      <path d={`M${x(0)} ${y(0)}${outline.join('')}H${x(last)}V${y(0)}Z`} class="area" />
      <polyline points={steps.map(([r, p]) => `${x(r)},${y(p)}`).join(' ')} class="curve" />
      <circle cx={x(point[0])} cy={y(point[1])} r={5} class="point" />
    </svg>
  );
}

function layers(run: Run) {
  const found = judged.value;
  if (!found || !run.truth) return { boxes: [] };
  const { boxes, labels, scores } = run.snapshot.detections;
  const shown = Array.from(labels.keys()).filter((i) => scores[i]! >= scoreThreshold.value);
  const hit = new Set(shown.filter((i) => found.right[i]).map((i) => found.truths[i]!));
  const missed: DrawnBox[] = Array.from(run.truth.labels, (_, i) => ({
    box: boxOf(run.truth!.boxes, i),
    color: '#ffffff',
    dashed: true,
    alpha: hit.has(i) ? 0.6 : 1,
    text: hit.has(i) ? undefined : t('accuracy.missed'),
  }));
  const judgedBoxes = shown.map((i) => ({
    box: boxOf(boxes, i),
    color: found.right[i] ? '#35d07f' : '#ff4b5c',
    text: `${className(run, labels[i]!)}  ${t(found.right[i] ? 'accuracy.right' : 'accuracy.wrong')}`,
  }));
  return { picture: 0.85, boxes: [...missed, ...judgedBoxes] };
}

export const accuracy: Stage = {
  id: 'accuracy',
  title: 'accuracy.title',
  text: 'accuracy.text',
  formula: [
    'precision = TP / (TP + FP)',
    'recall = TP / objects',
    'AP = Σ_{n} (r_{n} − r_{n−1}) · max_{r̃ ≥ rₙ} p(r̃)',
  ],
  applies: ({ truth }) => (truth?.labels.length ?? 0) > 0,
  milliseconds: () => undefined,
  layers,
  Panel,
};
