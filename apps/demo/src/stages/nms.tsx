import { classColor } from '@roikit/draw';
import { boxIou } from '@roikit/geometry';
import { candidates, suppression, type Run } from '../state/derived';
import { nmsThreshold, region, scoreThreshold } from '../state/walk';
import { t } from '../i18n';
import type { DrawnBox } from '../ui/layers';
import { RegionList } from '../ui/RegionList';
import { Slider } from '../ui/Slider';
import { boxOf, className, percent, type Stage } from './stage';

/** Candidates of the region in hand, or of all. */
function keptRows(run: Run) {
  const { labels, scores, regions } = candidates.value;
  const { kept, by } = suppression.value;
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
  const total = candidates.value.labels.length;
  const overlap = overlapInHand();
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
          <dd>{total}</dd>
        </div>
        <div>
          <dt>{t('nms.kept')}</dt>
          <dd data-kept={suppression.value.kept.length}>{suppression.value.kept.length}</dd>
        </div>
        {overlap !== undefined && (
          <div>
            <dt>{t('nms.overlap')}</dt>
            <dd>{overlap.toFixed(2)}</dd>
          </div>
        )}
      </dl>
      <RegionList rows={keptRows(run)} empty={t('result.none')} />
    </>
  );
}

/** The winner whose losers are to be seen: that of the region in hand. */
function winnerInHand(): number {
  const { regions } = candidates.value;
  if (region.value === undefined) return -1;
  const at = regions.indexOf(region.value);
  if (at < 0) return -1;
  return suppression.value.by[at]! >= 0 ? suppression.value.by[at]! : at;
}

function layers(run: Run) {
  const { boxes, labels, scores, regions } = candidates.value;
  const { kept, by } = suppression.value;
  const winner = winnerInHand();
  const isKept = new Set(kept);
  const drawn: DrawnBox[] = [];
  labels.forEach((label, i) => {
    const mine = winner >= 0 && (i === winner || by[i] === winner);
    const weak = scores[i]! < scoreThreshold.value;
    if (!mine && (weak || (winner >= 0 && !isKept.has(i)))) return;
    const box = boxOf(boxes, i);
    const losing = !isKept.has(i);
    drawn.push({
      box,
      color: losing ? '#c9c4bd' : classColor(label),
      dashed: losing && mine,
      width: losing ? 1 : mine ? 3 : 2,
      alpha: losing ? (mine ? 0.9 : 0.35) : winner >= 0 && !mine ? 0.3 : 1,
      region: regions[i],
      text: losing ? undefined : `${className(run, label)}  ${percent(scores[i]!)}`,
    });
  });
  // What is kept lies on top.
  return { picture: 0.7, boxes: drawn.reverse(), winner };
}

/** Overlap of the pointed-at box with the one that suppressed it. */
function overlapInHand(): number | undefined {
  const { boxes, regions } = candidates.value;
  const at = region.value === undefined ? -1 : regions.indexOf(region.value);
  const winner = at < 0 ? -1 : suppression.value.by[at]!;
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
