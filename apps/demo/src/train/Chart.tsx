import { t } from '../i18n';
import { smoothed, thinned, type Point } from './curve';
import { losses, scores } from './run';

const [WIDTH, HEIGHT] = [360, 190];

/** Loss by step, as it is and smoothed, and AP50 after each epoch. */
export function Chart() {
  const steps = losses.value.length;
  if (steps === 0) return null;
  const points = thinned(losses.value);
  const most = Math.max(...points.map(({ loss }) => loss)) * 1.05;
  const x = (step: number) => 34 + (step / Math.max(1, steps - 1)) * (WIDTH - 66);
  const y = (loss: number) => HEIGHT - 22 - (loss / most) * (HEIGHT - 34);
  const up = (score: number) => HEIGHT - 22 - score * (HEIGHT - 34);
  const line = (list: readonly Point[]) => list.map(({ step, loss }) => `${x(step)},${y(loss)}`).join(' ');
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
      <polyline points={line(points)} class="curve faint" />
      <polyline points={line(smoothed(points))} class="curve" />
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
