import { t } from '../i18n';
import { run, type Run } from '../state/derived';
import { stage } from '../state/walk';
import { currentStage, stages } from '../stages';
import type { Stage } from '../stages/stage';
import { shownTime } from './shownTime';

/** The stages one after the other; a bar says how much of the time each took. */
export function Walk() {
  const longest = Math.max(1, ...stages.value.slice(1).map((one) => timeOf(one, run.value) ?? 0));
  return (
    <div class="walk" role="tablist" aria-label={t('walk.label')} onKeyDown={onKey}>
      {stages.value.map((one) => (
        <Step key={one.id} one={one} longest={longest} />
      ))}
    </div>
  );
}

const timeOf = (one: Stage, current: Run | undefined) => current && one.milliseconds(current);

function Step({ one, longest }: { one: Stage; longest: number }) {
  const ms = timeOf(one, run.value);
  const selected = currentStage.value.id === one.id;
  return (
    <button
      role="tab"
      id={`stage-${one.id}`}
      aria-selected={selected}
      aria-controls="panel"
      tabIndex={selected ? 0 : -1}
      onClick={() => (stage.value = one.id)}
    >
      <span>{t(one.title)}</span>
      <small>{ms === undefined ? '' : `${shownTime(ms)} ms`}</small>
      <i style={{ width: `${one.id === 'result' || ms === undefined ? 0 : (100 * ms) / longest}%` }} />
    </button>
  );
}

/** Left and right walk, as in every list of tabs. */
function onKey(event: KeyboardEvent): void {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  go(by);
  document.getElementById(`stage-${stage.value}`)?.focus();
}

function go(by: number): void {
  const list = stages.value;
  const at = list.findIndex(({ id }) => id === currentStage.value.id);
  stage.value = list[(at + by + list.length) % list.length]!.id;
}

/** To the stages beside this one, for thumbs. */
export function Beside() {
  const at = stages.value.findIndex(({ id }) => id === currentStage.value.id);
  return (
    <div class="beside">
      <button class="plain" disabled={at <= 0} aria-label={t('walk.previous')} onClick={() => go(-1)}>
        ←
      </button>
      <button
        class="plain"
        disabled={at >= stages.value.length - 1}
        aria-label={t('walk.next')}
        onClick={() => go(1)}
      >
        →
      </button>
    </div>
  );
}
