import { classColor } from '@roikit/draw';
import { boxIou } from '@roikit/geometry';
import { detections, numColumns, type Run } from '../state/derived';
import { handRegion } from '../state/handRegion';
import { t } from '../i18n';
import type { DrawnBox } from '../paint/layers';
import { FoundList } from '../ui/FoundList';
import { boxOf, className, percent, type Stage } from './stage';

/** Rows of the list of classes. */
const BARS = 5;

interface Scored {
  label: number;
  score: number;
}

/** Scores of one region, the best first; 0 is the background. */
function scoresOf(run: Run, index: number): Scored[] {
  const columns = numColumns(run);
  const own = run.snapshot.scores.subarray(index * columns, (index + 1) * columns);
  return Array.from(own, (score, label) => ({ label, score })).sort((a, b) => b.score - a.score);
}

const bestObject = (run: Run, index: number) => scoresOf(run, index).find(({ label }) => label > 0)!;

function refinedBox(run: Run, index: number, label: number) {
  return boxOf(run.snapshot.refined, index * numColumns(run) + label);
}

function Panel({ run }: { run: Run }) {
  const at = handRegion.value;
  if (at === undefined) return <p class="quiet">{t('result.none')}</p>;
  const scores = scoresOf(run, at).slice(0, BARS);
  const most = Math.max(...scores.map(({ score }) => score), 1e-6);
  return (
    <>
      <h3>{t('scores.region', { index: at + 1 })}</h3>
      <ul class="bars">
        {scores.map(({ label, score }) => (
          <li key={label}>
            <span>{label === 0 ? t('scores.background') : className(run, label)}</span>
            <i
              style={{
                width: `${(100 * Math.max(0, score)) / most}%`,
                background: label === 0 ? 'var(--quiet)' : classColor(label),
              }}
            />
            <b>{percent(score)}</b>
          </li>
        ))}
      </ul>
      <Offsets run={run} index={at} />
      <h3>{t('scores.others')}</h3>
      <FoundList run={run} />
    </>
  );
}

/** How the box moves, in shares of its own size. */
function Offsets({ run, index }: { run: Run; index: number }) {
  const from = boxOf(run.snapshot.proposals, index);
  const to = refinedBox(run, index, bestObject(run, index).label);
  const [w, h] = [from[2] - from[0] || 1, from[3] - from[1] || 1];
  const offsets = {
    t_x: ((to[0] + to[2] - from[0] - from[2]) / 2 / w).toFixed(2),
    t_y: ((to[1] + to[3] - from[1] - from[3]) / 2 / h).toFixed(2),
    t_w: Math.log((to[2] - to[0]) / w).toFixed(2),
    t_h: Math.log((to[3] - to[1]) / h).toFixed(2),
  };
  const moved = boxIou(Float32Array.from(from), Float32Array.from(to))[0]!;
  return (
    <dl class="numbers">
      {Object.entries(offsets).map(([name, value]) => (
        <div key={name}>
          <dt>
            t<sub>{name.at(-1)}</sub>
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div>
        <dt>{t('scores.moved')}</dt>
        <dd>{moved.toFixed(2)}</dd>
      </div>
    </dl>
  );
}

/** Before, dashed, and after. */
function arrow(run: Run, index: number, strong: boolean): DrawnBox[] {
  const { label, score } = bestObject(run, index);
  const [color, alpha] = [classColor(label), strong ? 1 : 0.3];
  const text = strong ? `${className(run, label)}  ${percent(score)}` : undefined;
  return [
    {
      box: boxOf(run.snapshot.proposals, index),
      color: '#ffffff',
      dashed: true,
      width: 2,
      alpha,
      region: index,
    },
    { box: refinedBox(run, index, label), color, width: strong ? 3 : 2, alpha, region: index, text },
  ];
}

export const scores: Stage = {
  id: 'scores',
  title: 'scores.title',
  text: 'scores.text',
  formula: [
    'p_{k} = e^{zₖ} / Σ_{j} e^{zⱼ},   k = 0 … K',
    'Ĝ_{x} = P_{w} t_{x} + P_{x},  Ĝ_{y} = P_{h} t_{y} + P_{y}',
    'Ĝ_{w} = P_{w} exp(t_{w}),   Ĝ_{h} = P_{h} exp(t_{h})',
    'L = −ln p_{u} + λ [u ≥ 1] Σ smooth_{L1}(t^{u} − v)',
  ],
  applies: () => true,
  milliseconds: ({ snapshot }) => snapshot.timings['head'],
  layers: (run) => {
    const at = handRegion.value;
    if (at === undefined) return { boxes: [] };
    const others = [...new Set(detections.value.regions)].filter((index) => index >= 0 && index !== at);
    return { picture: 0.7, boxes: [...others.flatMap((i) => arrow(run, i, false)), ...arrow(run, at, true)] };
  },
  Panel,
};
