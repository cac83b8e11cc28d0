import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { api } from '../state/actions';
import { engine, toShown } from '../state/session';
import { paint } from '../ui/paint';
import { classColor } from '@roikit/draw';
import { boxOf } from '../stages/stage';
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
  const canvas = useRef<HTMLCanvasElement>(null);
  const ready = engine.value !== undefined;
  useEffect(() => {
    let here = true;
    if (ready) {
      void api.scene(index).then(({ image, truth }) => {
        const context = canvas.current?.getContext('2d');
        if (!here || !context || !truth) return;
        const boxes = Array.from(truth.labels, (label, i) => ({
          box: boxOf(truth.boxes, i),
          color: classColor(label),
          width: 1.5,
        }));
        paint(context, toShown('', image).canvas, { boxes }, { scale: 1, ratio: 1 });
      });
    }
    return () => void (here = false);
  }, [index, ready]);
  return <canvas ref={canvas} width={224} height={224} role="img" aria-label={t('input.scene', { index })} />;
}
