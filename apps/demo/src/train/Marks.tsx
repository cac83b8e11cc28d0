import { useState } from 'preact/hooks';
import { classColor } from '@roikit/draw';
import { t } from '../i18n';
import { addClass, album, changeMark, chosen, classes, open, pen, removeMark, renameClass } from './album';

/** The class of the next box, and names for all. */
export function Classes() {
  const [name, setName] = useState('');
  return (
    <div class="sources classes" role="group" aria-label={t('train.classes')}>
      {classes.value.map((own, i) => (
        <button key={own} aria-pressed={pen.value === i + 1} onClick={() => (pen.value = i + 1)}>
          <i style={{ background: classColor(i + 1) }} />
          {own}
        </button>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          addClass(name.trim());
          setName('');
        }}
      >
        <input
          type="text"
          value={name}
          aria-label={t('train.className')}
          placeholder={t('train.className')}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit">{t('train.addClass')}</button>
        <button
          type="button"
          disabled={name.trim() === ''}
          onClick={() => {
            renameClass(pen.value, name.trim());
            setName('');
          }}
        >
          {t('train.rename')}
        </button>
      </form>
    </div>
  );
}

/** The boxes of the open picture, as a list. */
export function Marks() {
  const marks = album.value[open.value]?.marks ?? [];
  if (marks.length === 0) return <p class="quiet">{t('train.markHint')}</p>;
  return (
    <ul class="marks">
      {marks.map(({ label }, i) => (
        <li key={i}>
          <button class="plain" aria-pressed={chosen.value === i} onClick={() => (chosen.value = i)}>
            {t('train.box', { index: i + 1 })}
          </button>
          <select
            value={label}
            aria-label={t('train.classOf', { index: i + 1 })}
            onChange={(event) => changeMark(i, { label: Number(event.currentTarget.value) })}
          >
            {classes.value.map((name, k) => (
              <option key={name} value={k + 1}>
                {name}
              </option>
            ))}
          </select>
          <button
            class="plain icon"
            aria-label={t('train.removeBox', { index: i + 1 })}
            onClick={() => removeMark(i)}
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}
