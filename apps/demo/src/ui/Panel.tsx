import { t } from '../i18n';
import { isWaiting } from '../state/answered';
import { run } from '../state/derived';
import { currentStage } from '../stages';
import { Formula } from './Formula';
import { Beside } from './Walk';

/** What the current stage does, its knobs and its numbers. */
export function Panel() {
  const { id, title, text, formula, Panel: Knobs } = currentStage.value;
  return (
    <section
      class="panel"
      id="panel"
      role="tabpanel"
      aria-labelledby={`stage-${id}`}
      aria-busy={isWaiting}
      tabIndex={-1}
    >
      <div class="heading">
        <h2>{t(title)}</h2>
        <Beside />
      </div>
      {run.value && <Knobs run={run.value} />}
      <div class="explanation">
        <p>{t(text)}</p>
        <Formula lines={formula} />
      </div>
    </section>
  );
}
