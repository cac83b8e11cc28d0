import { count } from '../format';
import { colorOf } from '../report/colors';
import { html, type Html } from '../report/html';
import { document, pictureFigure } from '../report/page';
import { allKeys, stageGroups, testTime, total, trainingTime, type Compared } from './comparison';
import type { PictureRow } from './pictures';
import type { RowGroup } from './rows';

/** The comparison as one self-contained HTML file: the table, bars, and the same pictures side by side. */
export function comparisonPage(
  runs: readonly Compared[],
  groups: readonly RowGroup[],
  pictures: readonly PictureRow[],
): string {
  const { images } = runs[0]!.about;
  const title = runs.map(({ name }) => name).join(' · ');
  return document(
    title,
    html`<header>
        <h1>${title}</h1>
        <p>
          Measured on the same ${count(images.length, 'picture')}; speed-ups are against ${runs[0]!.name}.
        </p>
      </header>
      ${comparisonTable(runs, groups)} ${accuracyBars(runs)} ${trainingBars(runs)} ${testBars(runs)}
      ${pictures.map(pictureRow)} ${folders(runs)}`,
  );
}

function comparisonTable(runs: readonly Compared[], groups: readonly RowGroup[]): Html {
  return html`<section class="scroll">
    <table>
      <thead>
        <tr>
          <th></th>
          ${runs.map(({ name }) => html`<th class="number">${name}</th>`)}
        </tr>
      </thead>
      ${groups.map(
        ({ title, rows }) =>
          html`<tbody>
            <tr>
              <th colspan="${runs.length + 1}" style="padding-top:18px">${title}</th>
            </tr>
            ${rows.map(
              ({ label, cells }) =>
                html`<tr>
                  <td>${label}</td>
                  ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
                </tr>`,
            )}
          </tbody>`,
      )}
    </table>
  </section>`;
}

function accuracyBars(runs: readonly Compared[]): Html {
  const lines = runs.map(({ name, report }) => ({
    name,
    parts: { AP50: report.ap50 },
    text: report.ap50.toFixed(3),
  }));
  return bars('AP50', 'PASCAL VOC, area under the curve at IoU 0.5.', lines, 1);
}

function trainingBars(runs: readonly Compared[]): Html | undefined {
  const lines = runs.flatMap((run) => {
    const { data: _, ...phases } = run.about.training ?? {};
    const all = trainingTime(run);
    return all === undefined
      ? []
      : [{ name: run.name, parts: phases, text: `${(all / 60_000).toFixed(1)} min` }];
  });
  return lines.length > 0
    ? bars('Training time', 'By phase; proposals of the data left out.', lines)
    : undefined;
}

function testBars(runs: readonly Compared[]): Html {
  const lines = runs.map((run) => ({
    name: run.name,
    parts: stageGroups(run),
    text: `${(total(stageGroups(run)) / 1000).toFixed(2)} s, ${(testTime(run) / 1000).toFixed(2)} s without proposals`,
  }));
  return bars('Test time an image', 'Seconds, by stage.', lines);
}

interface Bar {
  name: string;
  parts: Record<string, number>;
  text: string;
}

/** One bar a run, its parts side by side; the longest is as wide as the page. */
function bars(title: string, hint: string, lines: readonly Bar[], full = longest(lines)): Html {
  const names = allKeys(lines.map(({ parts }) => parts));
  const width = (value: number) => `${((100 * value) / Math.max(full, 1e-9)).toFixed(3)}%`;
  return html`<section>
    <h2>${title}</h2>
    <p class="hint">${hint}</p>
    ${lines.map(
      ({ name, parts, text }) =>
        html`<div style="display:flex;justify-content:space-between">
            <span>${name}</span><span>${text}</span>
          </div>
          <div class="stages" role="img" aria-label="${name}: ${text}">
            ${names.map((part, i) => html`<span style="width:${width(parts[part] ?? 0)};background:${colorOf(i)}"></span>`)}
          </div>`,
    )}
    ${
      names.length > 1 &&
      html`<div class="legend">
        ${names.map((name, i) => html`<span><span class="swatch" style="background:${colorOf(i)}"></span>${name}</span>`)}
      </div>`
    }
  </section>`;
}

const longest = (lines: readonly Bar[]): number => Math.max(...lines.map(({ parts }) => total(parts)));

function pictureRow({ id, pictures }: PictureRow): Html {
  return html`<section>
    <h2>${id}</h2>
    <div class="pictures">${pictures.map(pictureFigure)}</div>
  </section>`;
}

function folders(runs: readonly Compared[]): Html {
  return html`<section>
    <h2>Runs</h2>
    <table class="details">
      ${runs.map(
        ({ name, folder, report }) =>
          html`<tr>
            <td>${name}</td>
            <td><code>${folder}</code></td>
            <td>${report.details.map(([label, value]) => `${label}: ${value}`).join('; ')}</td>
          </tr>`,
      )}
    </table>
  </section>`;
}
