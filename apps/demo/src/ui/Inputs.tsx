import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { openScene, useBundled } from '../state/actions';
import { dragged, takeFiles } from '../state/inputs';
import { bundled, detector, liveRate, shown, tab, webcam } from '../state/session';
import { lookAtFrame, startWebcam, stopWebcam } from '../state/webcam';
import { addShown } from '../train/album';
import { data } from '../train/run';
import { Painted } from './Painted';
import { useScene } from './useScene';

/** Scenes offered at a time. */
const OFFERED = 6;

/** Where pictures and detectors come from. */
export function Inputs() {
  return (
    <div class="inputs">
      <Scenes />
      <Kinds />
      <div class="sources">
        <Open />
        {webcam.value ? <Live /> : <button onClick={startWebcam}>{t('input.webcam')}</button>}
        <Folder />
        {shown.value && !webcam.value && <button onClick={learnFrom}>{t('input.learn')}</button>}
        <span class="quiet hint">{t('input.hint')}</span>
      </div>
      {dragged.value && <div class="dropping">{t('input.drop')}</div>}
    </div>
  );
}

/** The same picture through each of the page's own detectors. */
function Kinds() {
  return (
    <div class="kinds" role="group" aria-label={t('input.kinds')}>
      {bundled.value.map(({ folder, title }) => (
        <button
          key={folder}
          aria-pressed={detector.value?.name === folder}
          disabled={detector.value === undefined}
          onClick={() => useBundled(folder)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}

/** Takes the picture to the other tab, to be marked. */
function learnFrom(): void {
  if (!shown.value) return;
  addShown(shown.value);
  data.value = 'own';
  tab.value = 'train';
}

function Scenes() {
  const [first, setFirst] = useState(0);
  return (
    <div class="scenes" role="group" aria-label={t('input.scenes')}>
      {Array.from({ length: OFFERED }, (_, i) => (
        <Scene key={first + i} index={first + i} />
      ))}
      <button class="more" onClick={() => setFirst((first + OFFERED) % 900)}>
        {t('input.more')}
      </button>
    </div>
  );
}

function Scene({ index }: { index: number }) {
  const picture = useScene(index)?.image;
  return (
    <button
      aria-label={t('input.scene', { index: index + 1 })}
      aria-pressed={shown.value?.scene === index}
      onClick={() => stopWebcam().then(() => openScene(index))}
    >
      <Painted picture={picture} scale={0.5} />
    </button>
  );
}

function Open() {
  return (
    <label class="button">
      {t('input.open')}
      <input
        type="file"
        accept="image/*,.zip"
        class="hidden"
        aria-label={t('input.openLabel')}
        data-input="file"
        onChange={(event) => taken(event.currentTarget)}
      />
    </label>
  );
}

function Folder() {
  return (
    <label class="button">
      {t('input.folder')}
      <input
        type="file"
        class="hidden"
        aria-label={t('input.folder')}
        data-input="folder"
        multiple
        ref={(input) => input?.setAttribute('webkitdirectory', '')}
        onChange={(event) => taken(event.currentTarget)}
      />
    </label>
  );
}

/** Hands the files over and forgets them, so that the same file can be opened again. */
function taken(input: HTMLInputElement): void {
  const files = [...(input.files ?? [])];
  input.value = '';
  void takeFiles(files);
}

function Live() {
  return (
    <>
      <button class="strong" onClick={lookAtFrame}>
        {t('input.look')}
      </button>
      <button onClick={stopWebcam}>{t('input.stop')}</button>
      <span class="quiet">{t('input.live', { rate: liveRate.value.toFixed(1) })}</span>
    </>
  );
}
