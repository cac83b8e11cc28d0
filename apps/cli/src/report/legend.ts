import { html, type Html } from './html';
import type { Series } from './plots';

/** What the lines of a plot are. */
export function legend(series: readonly Series[]): Html {
  return html`<div class="legend">
    ${series.map(({ name, color }) => html`<span><span class="swatch" style="background:${color}"></span>${name}</span>`)}
  </div>`;
}
