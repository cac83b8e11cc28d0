import { classColor } from '@roikit/draw';
import { detections, scoreRange, type Run } from '../state/derived';
import { region, scoreThreshold } from '../state/walk';
import { t } from '../i18n';
import { FoundList } from '../ui/FoundList';
import { KindTimes } from '../ui/KindTimes';
import { Slider } from '../ui/Slider';
import { boxOf, className, percent, type Stage } from './stage';

function Panel({ run }: { run: Run }) {
  return (
    <>
      <Slider label={t('score')} value={scoreThreshold} step={0.01} {...scoreRange.value} shows={percent} />
      <FoundList run={run} />
      <KindTimes />
    </>
  );
}

export const result: Stage = {
  id: 'result',
  title: 'result.title',
  text: 'result.text',
  formula: ['shown = { d ∈ detections : score(d) ≥ t }'],
  applies: () => true,
  milliseconds: ({ snapshot }) => Object.values(snapshot.timings).reduce((a, b) => a + b, 0),
  layers: (run) => {
    const { boxes, scores, labels, regions } = detections.value;
    const some = region.value !== undefined && regions.includes(region.value);
    return {
      boxes: Array.from(labels, (label, i) => ({
        box: boxOf(boxes, i),
        color: classColor(label),
        text: `${className(run, label)}  ${percent(scores[i]!)}`,
        alpha: some && region.value !== regions[i] ? 0.35 : 1,
        width: region.value === regions[i] ? 3 : 2,
        region: regions[i],
      })),
    };
  },
  Panel,
};
