import { milliseconds, ratio } from '../format';
import { colorOf } from './colors';
import { html, type Html } from './html';
import { legend } from './legend';
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

/** What stages do, where there is more to say than their name. */
const MEANINGS: Record<string, string> = {
  proposals: 'regions that may hold an object',
  transform: 'resizing and normalising',
  backbone: 'convolutions over the whole picture',
  regions: 'what the head sees of each region',
  head: 'class scores, box offsets',
  postprocess: 'decoding, clipping, non-maximum suppression',
};

export function stageTimes({ timings }: ReportModel): Html {
  const stages = Object.entries(timings).map(([stage, time], i) => ({ stage, time, color: colorOf(i) }));
  const total = stages.reduce((sum, { time }) => sum + time, 0);
  const share = (time: number) => (100 * time) / Math.max(total, 1e-9);
  return html`<section>
    <h2>Time per image</h2>
    <p class="hint">Mean over the images, milliseconds.</p>
    <div class="stages" role="img" aria-label="Share of each stage">
      ${stages.map(({ time, color }) => html`<span style="width:${share(time).toFixed(2)}%;background:${color}"></span>`)}
    </div>
    <table>
      <tbody>
        ${stages.map(
          ({ stage, time, color }) =>
            html`<tr>
              <td><span class="swatch" style="background:${color}"></span>${stage}</td>
              <td style="color:var(--soft)">${MEANINGS[stage] ?? ''}</td>
              <td class="number">${milliseconds(time)}</td>
              <td class="number">${share(time).toFixed(0)} %</td>
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

export function trainingCurves(history: readonly EpochRow[] | undefined): Html | undefined {
  if (history === undefined || history.length === 0) return undefined;
  const names = [...new Set(history.flatMap(({ losses }) => Object.keys(losses)))];
  const losses: Series[] = names.map((name, i) => ({
    name,
    color: colorOf(i),
    points: history.flatMap((row) => (row.losses[name] === undefined ? [] : [[row.epoch, row.losses[name]]])),
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
