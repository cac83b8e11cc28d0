import { classColor } from '@roikit/draw';
import { boxIou } from '@roikit/geometry';
import { suppression, type Run } from '../state/derived';
import type { Suppression } from '../worker/protocol';
import { nmsThreshold, region, scoreThreshold } from '../state/walk';
import { t } from '../i18n';
import type { DrawnBox } from '../paint/layers';
import { RegionList } from '../ui/RegionList';
import { Slider } from '../ui/Slider';
import { boxOf, className, percent, type Stage } from './stage';

/** Most boxes painted, the best: more are a grey sheet. */
const PAINTED = 800;

/** What was kept, and how many each has suppressed. */
function keptRows(run: Run, { kept, by }: Suppression) {
  const { labels, scores, regions } = run.snapshot.candidates;
  const counts = new Map<number, number>();
  for (const winner of by) counts.set(winner, (counts.get(winner) ?? 0) + 1);
  return Array.from(kept)
    .filter((i) => scores[i]! >= scoreThreshold.value)
    .slice(0, 30)
    .map((i) => ({
      region: regions[i]!,
      color: classColor(labels[i]!),
      name: `${className(run, labels[i]!)}  ${percent(scores[i]!)}`,
      value: t('nms.suppressed', { count: counts.get(i) ?? 0 }),
    }));
}

function Panel({ run }: { run: Run }) {
  const done = suppression.value;
  const overlap = done && overlapInHand(run, done);
  return (
    <>
      <Slider
        label={t('nms.threshold')}
        value={nmsThreshold}
        min={0}
        max={1}
        step={0.01}
        shows={(value) => value.toFixed(2)}
      />
      <dl class="numbers">
        <div>
          <dt>{t('nms.candidates')}</dt>
          <dd>{run.snapshot.candidates.labels.length}</dd>
        </div>
        <div>
          <dt>{t('nms.kept')}</dt>
          <dd data-kept={done?.kept.length}>{done?.kept.length ?? '…'}</dd>
        </div>
        {overlap !== undefined && (
          <div>
            <dt>{t('nms.overlap')}</dt>
            <dd>{overlap.toFixed(2)}</dd>
          </div>
        )}
      </dl>
      {done && <RegionList rows={keptRows(run, done)} empty={t('result.none')} />}
    </>
  );
}

/** The candidate that comes from the region in hand; −1 where none does. */
function candidateInHand(run: Run): number {
  return region.value === undefined ? -1 : run.snapshot.candidates.regions.indexOf(region.value);
}

/** The winner whose losers are to be seen: that of the region in hand. */
function winnerInHand(run: Run, { by }: Suppression): number {
  const at = candidateInHand(run);
  return at >= 0 && by[at]! >= 0 ? by[at]! : at;
}

function layers(run: Run) {
  const done = suppression.value;
  if (!done) return { picture: 0.7, boxes: [] };
  const { labels, scores } = run.snapshot.candidates;
  const winner = winnerInHand(run, done);
  const drawn: DrawnBox[] = [];
  for (let i = 0; i < labels.length && drawn.length < PAINTED; i++) {
    const mine = winner >= 0 && (i === winner || done.by[i] === winner);
    const losing = done.by[i]! >= 0;
    if (!mine && (scores[i]! < scoreThreshold.value || (winner >= 0 && losing))) continue;
    drawn.push(candidateBox(run, i, { losing, mine, aside: winner >= 0 && !mine }));
  }
  // What is kept lies on top.
  return { picture: 0.7, boxes: drawn.reverse() };
}

/** @param how whether the box was suppressed, belongs to the winner in hand, or stands aside from it */
function candidateBox(
  run: Run,
  i: number,
  { losing, mine, aside }: { losing: boolean; mine: boolean; aside: boolean },
): DrawnBox {
  const { boxes, labels, scores, regions } = run.snapshot.candidates;
  const shared = { box: boxOf(boxes, i), region: regions[i] };
  if (losing) return { ...shared, color: '#c9c4bd', dashed: mine, width: 1, alpha: mine ? 0.9 : 0.35 };
  return {
    ...shared,
    color: classColor(labels[i]!),
    width: mine ? 3 : 2,
    alpha: aside ? 0.3 : 1,
    text: `${className(run, labels[i]!)}  ${percent(scores[i]!)}`,
  };
}

/** Overlap of the pointed-at box with the one that suppressed it. */
function overlapInHand(run: Run, { by }: Suppression): number | undefined {
  const { boxes } = run.snapshot.candidates;
  const at = candidateInHand(run);
  const winner = at < 0 ? -1 : by[at]!;
  if (winner < 0) return undefined;
  return boxIou(Float32Array.from(boxOf(boxes, at)), Float32Array.from(boxOf(boxes, winner)))[0];
}

export const nmsStage: Stage = {
  id: 'nms',
  title: 'nms.title',
  text: 'nms.text',
  formula: ['IoU(A, B) = |A ∩ B| / |A ∪ B|', 'A stays, B goes  ⇔  IoU(A, B) > τ'],
  applies: () => true,
  milliseconds: ({ snapshot }) => snapshot.timings['postprocess'],
  layers,
  Panel,
};
