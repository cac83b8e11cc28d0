import { computed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import type { Layers } from '../paint/layers';
import { takeDrops } from '../state/inputs';
import { run } from '../state/derived';
import { activity, tab } from '../state/session';
import { currentStage } from '../stages';
import { TrainTab } from '../train/TrainTab';
import { Header } from './Header';
import { Inputs } from './Inputs';
import { Notice } from './Notice';
import { Panel } from './Panel';
import { PictureCanvas } from './PictureCanvas';
import { Walk } from './Walk';

const layers = computed<Layers>(() => (run.value ? currentStage.value.layers(run.value) : { boxes: [] }));

export function App() {
  useEffect(takeDrops, []);
  return (
    <>
      <Header />
      <Notice />
      {tab.value === 'detect' ? <Detect /> : <TrainTab />}
      <footer>
        <p>{t('private')}</p>
      </footer>
    </>
  );
}

function Detect() {
  return (
    <main class="detect" aria-busy={activity.value !== undefined}>
      <div class="stage" id="picture">
        <PictureCanvas layers={layers} />
        <Walk />
        <Inputs />
      </div>
      <Panel />
    </main>
  );
}
