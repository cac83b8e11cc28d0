import type { Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { detector } from '../state/session';
import { Slider } from '../ui/Slider';
import { Chart } from './Chart';
import * as run from './run';

/** What is trained, how far it is, and what to do with it. */
export function Settings() {
  useEffect(() => void run.meetKinds(), []);
  return (
    <section class="panel" aria-label={t('train.title')}>
      <h2>{t('train.title')}</h2>
      <p class="quiet">{t('train.text')}</p>
      <fieldset disabled={run.running.value}>
        <Choice label={t('train.kind')} value={run.kind} options={run.kinds.value} />
        <label class="check">
          <input
            type="checkbox"
            checked={run.fromLoaded.value}
            onChange={(event) => (run.fromLoaded.value = event.currentTarget.checked)}
          />
          {t('train.from', { name: detector.value?.name ?? '' })}
        </label>
        {run.data.value === 'digits' && (
          <Slider label={t('train.scenes')} value={run.scenes} min={4} max={400} step={4} />
        )}
        <Slider label={t('train.epochs')} value={run.epochs} min={1} max={30} step={1} />
        <Slider
          label={t('train.side')}
          value={run.side}
          min={96}
          max={480}
          step={32}
          shows={(value) => `${value} px`}
        />
      </fieldset>
      <div class="sources">
        {run.running.value ? (
          <button onClick={run.stopTraining}>{t('train.stop')}</button>
        ) : (
          <button class="strong" disabled={run.kind.value === ''} onClick={run.startTraining}>
            {t('train.start')}
          </button>
        )}
        {run.trained.value && (
          <>
            <button onClick={run.tryIt}>{t('train.try')}</button>
            <button onClick={run.download}>{t('train.download')}</button>
          </>
        )}
      </div>
      <Progress />
      <Chart />
      <Numbers />
    </section>
  );
}

function Choice({
  label,
  value,
  options,
}: {
  label: string;
  value: Signal<string>;
  options: readonly string[];
}) {
  return (
    <label class="choice">
      {label}
      <select value={value.value} onChange={(event) => (value.value = event.currentTarget.value)}>
        {options.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

function Progress() {
  const news = run.latest.value;
  if (!run.running.value) return null;
  if (news === undefined) return <p class="quiet">{t('activity.start')} …</p>;
  const left = news.type === 'step' ? ((news.total - news.done) * news.milliseconds) / 1000 : undefined;
  return (
    <div class="busy">
      <progress value={news.done / news.total} max={1} aria-label={t('train.progress')} />
      <span>
        {news.type === 'step'
          ? t('train.step', { done: news.done, total: news.total, left: Math.ceil(left!) })
          : t('train.searching', { done: news.done, total: news.total })}
      </span>
    </div>
  );
}

function Numbers() {
  const { losses, scores } = run;
  if (losses.value.length === 0) return null;
  return (
    <dl class="numbers">
      <div>
        <dt>{t('train.first')}</dt>
        <dd data-loss="first">{losses.value[0]!.toFixed(2)}</dd>
      </div>
      <div>
        <dt>{t('train.last')}</dt>
        <dd data-loss="last">{losses.value.at(-1)!.toFixed(2)}</dd>
      </div>
      {scores.value.length > 0 && (
        <div>
          <dt>AP50</dt>
          <dd>{scores.value.at(-1)!.score.toFixed(3)}</dd>
        </div>
      )}
    </dl>
  );
}
