import { t } from '../i18n';
import { losses, scores } from './run';

const [WIDTH, HEIGHT] = [360, 190];

/** How many steps a point of the calm line is the mean of, of all. */
const SMOOTHED = 0.08;

/** Loss by step, as it is and smoothed, and AP50 after each epoch. */
export function Chart() {
  const values = losses.value;
  if (values.length === 0) return null;
  const most = Math.max(...values) * 1.05;
  const x = (step: number) => 34 + (step / Math.max(1, values.length - 1)) * (WIDTH - 66);
  const y = (loss: number) => HEIGHT - 22 - (loss / most) * (HEIGHT - 34);
  const up = (score: number) => HEIGHT - 22 - score * (HEIGHT - 34);
  const line = (list: readonly number[]) => list.map((loss, i) => `${x(i)},${y(loss)}`).join(' ');
  return (
    <svg class="plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t('train.chart')}>
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line x1={34} x2={WIDTH - 32} y1={up(share)} y2={up(share)} class="rule" />
          <text x={28} y={up(share) + 4} text-anchor="end">
            {(share * most).toFixed(1)}
          </text>
          <text x={WIDTH - 26} y={up(share) + 4}>
            {share}
          </text>
        </g>
      ))}
      <text x={34} y={HEIGHT - 5}>
        {t('train.loss')}
      </text>
      <text x={WIDTH - 32} y={HEIGHT - 5} text-anchor="end">
        AP50
      </text>
      <polyline points={line(values)} class="curve faint" />
      <polyline points={line(smoothed(values))} class="curve" />
      <polyline
        points={scores.value.map(({ step, score }) => `${x(step - 1)},${up(score)}`).join(' ')}
        class="second"
      />
      {scores.value.map(({ step, score }) => (
        <circle key={step} cx={x(step - 1)} cy={up(score)} r={4} class="dot" />
      ))}
    </svg>
  );
}

function smoothed(values: readonly number[]): number[] {
  const reach = Math.max(1, Math.round(values.length * SMOOTHED));
  return values.map((_, i) => {
    const some = values.slice(Math.max(0, i - reach), i + reach + 1);
    return some.reduce((a, b) => a + b, 0) / some.length;
  });
}
