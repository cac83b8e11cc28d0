import { t, type Text } from '../i18n';
import { cancel } from '../state/actions';
import { activity, problem } from '../state/session';

/** What is going on, and what went wrong. */
export function Notice() {
  return (
    <>
      <div role="status" class="status">
        {activity.value && <Busy />}
      </div>
      <div role="alert">
        {problem.value && (
          <div class="problem">
            <p>{problem.value}</p>
            <button class="plain icon" aria-label={t('dismiss')} onClick={() => (problem.value = undefined)}>
              ×
            </button>
          </div>
        )}
      </div>
    </>
  );
}

function Busy() {
  const { kind, share, stage } = activity.value!;
  const text = stage === undefined ? (`activity.${kind}` as Text) : (`activity.${stage}` as Text);
  return (
    <div class="busy">
      <progress value={share} max={1} aria-label={t(text)} />
      <span>{t(text)}</span>
      {(kind === 'model' || kind === 'detect') && (
        <button class="plain" onClick={cancel}>
          {t('cancel')}
        </button>
      )}
    </div>
  );
}
