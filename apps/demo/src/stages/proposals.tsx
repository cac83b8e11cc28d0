import { boxIou, proposalRecall } from '@roikit/geometry';
import type { Run } from '../state/derived';
import { proposalShare, region } from '../state/walk';
import { t } from '../i18n';
import { Slider } from '../ui/Slider';
import { boxOf, type Stage } from './stage';

/** Most boxes painted: a thousand frames are a grey sheet already. */
const PAINTED = 800;

const ACCENT = '#ff8a5b';
const TRUTH = '#ffffff';

/** Proposals that the slider lets through, the best first. */
const shownCount = ({ snapshot }: Run) =>
  Math.max(1, Math.round((proposalShare.value ** 2 * snapshot.proposals.length) / 4));

function Panel({ run }: { run: Run }) {
  const total = run.snapshot.proposals.length / 4;
  const count = Math.min(total, shownCount(run));
  return (
    <>
      <Slider
        label={t('proposals.count')}
        value={proposalShare}
        min={0.02}
        max={1}
        step={0.01}
        shows={() => `${count} / ${total}`}
      />
      {run.truth && <Recall run={run} count={count} />}
    </>
  );
}

function Recall({ run, count }: { run: Run; count: number }) {
  const recall = (iou: number) =>
    proposalRecall([run.truth!], [run.snapshot.proposals], {
      maxProposals: count,
      iouThresholds: [iou],
    })[0] ?? 0;
  return (
    <dl class="numbers">
      <div>
        <dt>{t('proposals.recall', { iou: '0.5' })}</dt>
        <dd>{Math.round(100 * recall(0.5))} %</dd>
      </div>
      <div>
        <dt>{t('proposals.recall', { iou: '0.7' })}</dt>
        <dd>{Math.round(100 * recall(0.7))} %</dd>
      </div>
    </dl>
  );
}

export const proposals: Stage = {
  id: 'proposals',
  title: 'proposals.title',
  text: 'proposals.text',
  formula: ['recall = #{ g : max_{b} IoU(b, g) ≥ ½ } / #{ g }'],
  applies: () => true,
  milliseconds: ({ snapshot }) => snapshot.timings['proposals'],
  layers: (run) => {
    const { proposals: boxes } = run.snapshot;
    const count = Math.min(shownCount(run), PAINTED, boxes.length / 4);
    const drawn = Array.from({ length: count }, (_, i) => ({
      box: boxOf(boxes, i),
      color: ACCENT,
      width: region.value === i ? 3 : 1,
      alpha: region.value === i ? 1 : Math.max(0.12, 0.6 / Math.sqrt(count / 20)),
      region: i,
    }));
    const chosen = drawn.filter((box) => box.region === region.value);
    const rest = drawn.filter((box) => box.region !== region.value);
    return { picture: 0.75, boxes: [...rest, ...truthBoxes(run, count), ...chosen] };
  },
  Panel,
};

/** Annotated objects with the best overlap of the proposals shown. */
function truthBoxes({ truth, snapshot }: Run, count: number) {
  if (!truth) return [];
  const overlaps = boxIou(truth.boxes, snapshot.proposals.subarray(0, 4 * count));
  return Array.from(truth.labels, (_, i) => {
    const best = overlaps.subarray(i * count, (i + 1) * count).reduce((a, b) => Math.max(a, b), 0);
    return { box: boxOf(truth.boxes, i), color: TRUTH, dashed: true, text: `IoU ${best.toFixed(2)}` };
  });
}
