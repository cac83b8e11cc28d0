import { scaleLinear, scaleLog, type ScaleContinuousNumeric } from 'd3-scale';
import { area, curveStepBefore, line } from 'd3-shape';
import type { CalibrationBin } from './calibration';
import { html, type Html } from './html';
import type { Curve } from './model';

/** A line of a plot. */
export interface Series {
  name: string;
  color: string;
  points: readonly (readonly [number, number])[];
}

interface Frame {
  width: number;
  height: number;
  x: ScaleContinuousNumeric<number, number>;
  y: ScaleContinuousNumeric<number, number>;
}

const MARGIN = { top: 8, right: 10, bottom: 22, left: 30 };

function frame(width: number, height: number, domains: { x: [number, number]; y: [number, number] }): Frame {
  return {
    width,
    height,
    x: scaleLinear(domains.x, [MARGIN.left, width - MARGIN.right]),
    y: scaleLinear(domains.y, [height - MARGIN.bottom, MARGIN.top]),
  };
}

/** Precision over recall on the unit square, as the falling steps whose area is average precision. */
export function precisionRecallPlot(curve: Curve, { color, name }: { color: string; name: string }): Html {
  const axes = frame(220, 180, { x: [0, 1], y: [0, 1] });
  const points = thinned(fallingCurve(curve));
  const x = ([recall]: readonly [number, number]) => axes.x(recall);
  const y = ([, precision]: readonly [number, number]) => axes.y(precision);
  // The precision up to a recall is the best at that recall or beyond: a step back from each point.
  const stroke = line<readonly [number, number]>(x, y).curve(curveStepBefore)(points) ?? '';
  const fill = area<readonly [number, number]>(x, axes.y(0), y).curve(curveStepBefore)(points) ?? '';
  return svg(
    axes,
    `Precision over recall of ${name}`,
    html`${grid(axes, { x: [0, 0.5, 1], y: [0, 0.5, 1] })}
      <path d="${fill}" fill="${color}" fill-opacity=".18" />
      <path
        d="${stroke}"
        style="stroke:color-mix(in oklab, ${color}, var(--ink) 22%)"
        fill="none"
        stroke-width="1.75"
        stroke-linejoin="round"
      />`,
  );
}

/** Lines over the same axis, from zero up; `x` counts from 1. */
export function linePlot(
  series: readonly Series[],
  { label, unit = false }: { label: string; unit?: boolean },
): Html {
  const points = series.flatMap((one) => one.points);
  const top = unit ? 1 : Math.max(...points.map(([, value]) => value), 1e-9);
  const last = Math.max(2, ...points.map(([position]) => position));
  const axes = frame(440, 220, { x: [1, last], y: [0, top] });
  if (!unit) axes.y.nice(4);
  const path = line<readonly [number, number]>()
    .x(([position]) => axes.x(position))
    .y(([, value]) => axes.y(value));
  const ticks = { x: axes.x.ticks(Math.min(8, last - 1)).filter(Number.isInteger), y: axes.y.ticks(4) };
  return svg(
    axes,
    label,
    html`${grid(axes, ticks)}
    ${series.map(
      ({ color, points: own }) =>
        html`<path
            d="${path(own) ?? ''}"
            fill="none"
            stroke="${color}"
            stroke-width="1.75"
            stroke-linejoin="round"
          />
          ${own.map(([position, value]) => html`<circle cx="${axes.x(position)}" cy="${axes.y(value)}" r="2" fill="${color}" />`)}`,
    )}`,
  );
}

/** Right share over score, in the unit square, against the line on which they are equal; dots as large as their number. */
export function reliabilityPlot(bins: readonly CalibrationBin[]): Html {
  const axes = frame(440, 220, { x: [0, 1], y: [0, 1] });
  const most = Math.max(...bins.map(({ count }) => count));
  const diagonal = { x1: axes.x(0), y1: axes.y(0), x2: axes.x(1), y2: axes.y(1) };
  const path = line<CalibrationBin>(
    ({ score }) => axes.x(score),
    ({ precision }) => axes.y(precision),
  );
  return svg(
    axes,
    'Share of right detections by score',
    html`${grid(axes, { x: [0, 0.25, 0.5, 0.75, 1], y: [0, 0.5, 1] })}
      <line
        x1="${diagonal.x1}"
        y1="${diagonal.y1}"
        x2="${diagonal.x2}"
        y2="${diagonal.y2}"
        class="diagonal"
      />
      <path d="${path(bins) ?? ''}" fill="none" stroke="${RELIABILITY}" stroke-width="1.75" />
      ${bins.map(
        ({ score, precision, count }) =>
          html`<circle
            cx="${axes.x(score)}"
            cy="${axes.y(precision)}"
            r="${(2 + 5 * Math.sqrt(count / most)).toFixed(1)}"
            fill="${RELIABILITY}"
          />`,
      )}`,
  );
}

const RELIABILITY = '#4c78a8';

/** Shares over numbers of things, from 1 on a logarithmic axis. */
export function countPlot(series: readonly Series[], label: string): Html {
  const last = Math.max(2, ...series.flatMap(({ points }) => points.map(([count]) => count)));
  const axes = { ...frame(440, 220, { x: [1, last], y: [0, 1] }) };
  axes.x = scaleLog([1, last], [MARGIN.left, axes.width - MARGIN.right]);
  const powers = [1, 10, 100, 1000, 10_000].filter((power) => power <= last);
  const path = line<readonly [number, number]>()
    .x(([count]) => axes.x(count))
    .y(([, share]) => axes.y(share));
  return svg(
    axes,
    label,
    html`${grid(axes, { x: powers, y: [0, 0.25, 0.5, 0.75, 1] })}
    ${series.map(
      ({ color, points }) =>
        html`<path d="${path(points) ?? ''}" fill="none" stroke="${color}" stroke-width="1.75" />`,
    )}`,
  );
}

function svg({ width, height }: Frame, label: string, content: Html): Html {
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${content}</svg>`;
}

function grid({ x, y, width, height }: Frame, ticks: { x: readonly number[]; y: readonly number[] }): Html {
  const [left, right] = [MARGIN.left, width - MARGIN.right];
  const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
  const number = (value: number) => String(Number(value.toPrecision(6)));
  return html`<g class="grid">
      ${ticks.y.map((tick) => html`<line x1="${left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}" />`)}
      ${ticks.x.map((tick) => html`<line x1="${x(tick)}" x2="${x(tick)}" y1="${top}" y2="${bottom}" />`)}
    </g>
    <g class="ticks">
      ${ticks.y.map((tick) => html`<text x="${left - 6}" y="${y(tick) + 3}" text-anchor="end">${number(tick)}</text>`)}
      ${ticks.x.map((tick) => html`<text x="${x(tick)}" y="${bottom + 14}" text-anchor="middle">${number(tick)}</text>`)}
    </g>`;
}

/** The envelope under which average precision is the area (VOC devkit 2010): best precision at this recall or more. */
function fallingCurve({ recall, precision }: Curve): [number, number][] {
  const points: [number, number][] = [];
  let best = 0;
  for (let i = recall.length - 1; i >= 0; i--) {
    best = Math.max(best, precision[i] as number);
    points.push([recall[i] as number, best]);
  }
  points.reverse();
  const first = points[0];
  const last = points[points.length - 1];
  if (first === undefined || last === undefined) return [];
  return [[0, first[1]], ...points, [last[0], 0]];
}

/** Points that a plot of 200 pixels can't show apart are left out. */
function thinned(points: [number, number][]): [number, number][] {
  return points.filter((point, i) => {
    const [before, after] = [points[i - 1], points[i + 1]];
    return before === undefined || after === undefined || before[1] !== point[1] || after[1] !== point[1];
  });
}
