import { classColor } from '@roikit/draw';
import { t } from '../i18n';
import { boxOf, className, percent } from '../stages/stage';
import { detections, type Run } from '../state/derived';
import { RegionList } from './RegionList';

/** What was found, best first; hovering one shows where. */
export function FoundList({ run }: { run: Run }) {
  const { boxes, labels, scores, regions } = detections.value;
  return (
    <RegionList
      empty={t('result.none')}
      rows={Array.from(labels, (label, i) => ({
        region: regions[i]!,
        color: classColor(label),
        name: className(run, label),
        value: percent(scores[i]!),
        box: boxOf(boxes, i),
      }))}
    />
  );
}
