import { classColor } from '@roikit/draw';
import type { GroundTruth } from '@roikit/geometry';
import { useMemo } from 'preact/hooks';
import { t } from '../i18n';
import type { DrawnBox } from '../paint/layers';
import { boxOf } from '../stages/stage';
import { Painted } from '../ui/Painted';
import { useScene } from '../ui/useScene';
import { Annotator } from './Annotator';
import { data } from './run';
import { Settings } from './Settings';

/** Pictures on the left, the run on the right. */
export function TrainTab() {
  return (
    <main class="detect train">
      <div class="stage">
        <div class="sources" role="group" aria-label={t('train.data')}>
          <Source id="digits" />
          <Source id="own" />
        </div>
        {data.value === 'digits' ? <Samples /> : <Annotator />}
      </div>
      <Settings />
    </main>
  );
}

function Source({ id }: { id: 'digits' | 'own' }) {
  return (
    <button aria-pressed={data.value === id} onClick={() => (data.value = id)}>
      {t(`train.${id}`)}
    </button>
  );
}

/** What the scenes are like. */
function Samples() {
  return (
    <div class="samples">
      {Array.from({ length: 12 }, (_, i) => (
        <Sample key={i} index={100 + i} />
      ))}
      <p class="quiet">{t('train.scenesHint')}</p>
    </div>
  );
}

function Sample({ index }: { index: number }) {
  const scene = useScene(index);
  const boxes = useMemo(() => scene?.truth && boxesOf(scene.truth), [scene]);
  return <Painted picture={scene?.image} boxes={boxes} label={t('input.scene', { index })} />;
}

const boxesOf = ({ boxes, labels }: GroundTruth): DrawnBox[] =>
  Array.from(labels, (label, i) => ({ box: boxOf(boxes, i), color: classColor(label), width: 1.5 }));
