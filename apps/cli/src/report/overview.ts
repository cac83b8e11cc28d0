import type { StageTimings } from '@roikit/detectors';
import { ratio } from './accuracy';
import { html, type Html } from './html';
import type { EpochRow, ReportModel } from './model';
import { linePlot, type Series } from './plots';

export function headline({ ap50, coco, images, skipped, timings }: ReportModel): Html {
  const total = Object.values(timings).reduce((sum: number, value: number) => sum + value, 0);
  const cells: [string, string, string][] = [
    ['AP50', ratio(ap50), ''],
    ['AP 0.50:0.95', ratio(coco[0]?.value ?? Number.NaN), ''],
    ['Images', images.toLocaleString('en'), skipped > 0 ? `${skipped} skipped` : ''],
    ['Time per image', milliseconds(total), 'ms'],
  ];
  return html`<dl class="headline">
    ${cells.map(
      ([label, value, unit]) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${value} <small>${unit}</small></dd>
        </div>`,
    )}
  </dl>`;
}

/** What a stage does, in the order of the pipeline. */
const STAGES: readonly (readonly [keyof StageTimings, string, string])[] = [
  ['proposals', 'region proposals; from the cache where it had them', '#4c78a8'],
  ['transform', 'resizing and normalising the picture', '#9ecae9'],
  ['backbone', 'convolutions over the whole picture', '#f58518'],
  ['head', 'RoI pooling, fully connected layers, softmax', '#e45756'],
  ['postprocess', 'decoding, clipping, non-maximum suppression', '#72b7b2'],
];

export function stageTimes({ timings }: ReportModel): Html {
  const total = STAGES.reduce((sum, [stage]) => sum + timings[stage], 0);
  const share = (stage: keyof StageTimings) => (100 * timings[stage]) / Math.max(total, 1e-9);
  return html`<section>
    <h2>Time per image</h2>
    <p class="hint">Mean over the images, milliseconds.</p>
    <div class="stages" role="img" aria-label="Share of each stage">
      ${STAGES.map(([stage, , color]) => html`<span style="width:${share(stage).toFixed(2)}%;background:${color}"></span>`)}
    </div>
    <table>
      <tbody>
        ${STAGES.map(
          ([stage, meaning, color]) =>
            html`<tr>
              <td><span class="swatch" style="background:${color}"></span>${stage}</td>
              <td style="color:var(--soft)">${meaning}</td>
              <td class="number">${milliseconds(timings[stage])}</td>
              <td class="number">${share(stage).toFixed(0)} %</td>
            </tr>`,
        )}
      </tbody>
      <tfoot>
        <tr>
          <td>Total</td>
          <td></td>
          <td class="number">${milliseconds(total)}</td>
          <td></td>
        </tr>
      </tfoot>
    </table>
  </section>`;
}

/** One decimal below 100 ms. */
export function milliseconds(value: number): string {
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

const LOSS_SERIES = [
  { name: 'total', field: 'loss', color: '#4c78a8' },
  { name: 'classification', field: 'classification', color: '#f58518' },
  { name: 'box regression', field: 'boxRegression', color: '#72b7b2' },
] as const;

export function trainingCurves(history: readonly EpochRow[] | undefined): Html | undefined {
  if (history === undefined || history.length === 0) return undefined;
  const losses: Series[] = LOSS_SERIES.map(({ name, field, color }) => ({
    name,
    color,
    points: history.map((row) => [row.epoch, row[field]]),
  }));
  const scored = history.filter((row) => row.ap50 !== undefined);
  const points = scored.map((row): [number, number] => [row.epoch, row.ap50 as number]);
  return html`<section>
    <h2>Training</h2>
    <p class="hint">By epoch: the mean loss of its steps, and AP50 on the validation split.</p>
    <div class="plots wide">
      <figure>${linePlot(losses, { label: 'Loss by epoch' })} ${legend(losses)}</figure>
      ${points.length > 0 && validationFigure([{ name: 'AP50', color: '#2e9e62', points }])}
    </div>
  </section>`;
}

function validationFigure(series: readonly Series[]): Html {
  return html`<figure>${linePlot(series, { label: 'AP50 by epoch', unit: true })} ${legend(series)}</figure>`;
}

function legend(series: readonly Series[]): Html {
  return html`<div class="legend">
    ${series.map(({ name, color }) => html`<span><span class="swatch" style="background:${color}"></span>${name}</span>`)}
  </div>`;
}

export function detailsTable({ details, config }: ReportModel): Html {
  return html`<section>
    <h2>How this was made</h2>
    <table class="details">
      <tbody>
        ${details.map(
          ([label, value]) =>
            html`<tr>
              <td>${label}</td>
              <td><code>${value}</code></td>
            </tr>`,
        )}
      </tbody>
    </table>
    <details>
      <summary>The detector's configuration</summary>
      <pre>${JSON.stringify(config, null, 2)}</pre>
    </details>
  </section>`;
}
