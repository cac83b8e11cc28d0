import { t } from '../i18n';
import { bundled, timesByKind } from '../state/session';
import { shownTime } from './shownTime';

/** What the kinds of detectors that were tried on this picture took for each stage. */
export function KindTimes() {
  const kinds = bundled.value.flatMap(({ title }) => {
    const timings = timesByKind.value.get(title);
    return timings ? [[title, timings] as const] : [];
  });
  if (kinds.length < 2) return null;
  const stages = [...new Set(kinds.flatMap(([, timings]) => Object.keys(timings)))];
  return (
    <table class="times">
      <caption>{t('result.kinds')}</caption>
      <thead>
        <tr>
          <th />
          {kinds.map(([title]) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {stages.map((stage) => (
          <tr key={stage}>
            <th scope="row">{t(`time.${stage}` as 'time.head')}</th>
            {kinds.map(([title, timings]) => (
              <td key={title}>{stage in timings ? shownTime(timings[stage]!) : '–'}</td>
            ))}
          </tr>
        ))}
        <tr>
          <th scope="row">{t('time.all')}</th>
          {kinds.map(([title, timings]) => (
            <td key={title}>{shownTime(Object.values(timings).reduce((a, b) => a + b, 0))}</td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}
