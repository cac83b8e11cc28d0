import { classColor } from '@roikit/draw';
import { ratio } from '../format';
import { html, type Html } from './html';
import type { ClassRow, ReportModel } from './model';
import { precisionRecallPlot } from './plots';

/** The class's colour, as it is in the pictures. */
function swatch(index: number): Html {
  return html`<span class="swatch" style="background:${classColor(index + 1)}"></span>`;
}

export function classTable({ classes, ap50, coco, shownScore }: ReportModel): Html {
  return html`<section>
    <h2>Classes</h2>
    <p class="hint">
      AP50 is PASCAL VOC's average precision at IoU 0.5 (area under the curve), AP is COCO's mean over IoU
      0.50 to
      0.95.${shownScore === undefined ? '' : ` Detected: with a score of at least ${shownScore}, as in the pictures; average precision looks at all.`}
    </p>
    <div class="scroll">
      <table class="classes">
        <thead>
          <tr>
            <th>Class</th>
            <th class="number">Annotated</th>
            <th class="number">Detected</th>
            <th class="number">AP</th>
            <th class="number">AP50</th>
            <th></th>
          </tr>
        </thead>
        <tbody>
          ${classes.map(classRow)}
        </tbody>
        <tfoot>
          <tr>
            <td>All classes</td>
            <td class="number">${total(classes, 'truths')}</td>
            <td class="number">${total(classes, 'shown')}</td>
            <td class="number">${ratio(coco[0]?.value ?? Number.NaN)}</td>
            <td class="number">${ratio(ap50)}</td>
            <td></td>
          </tr>
        </tfoot>
      </table>
    </div>
  </section>`;
}

function total(classes: readonly ClassRow[], field: 'truths' | 'shown'): string {
  return classes.reduce((sum, row) => sum + row[field], 0).toLocaleString('en');
}

function classRow({ name, truths, shown, ap, ap50 }: ClassRow, index: number): Html {
  const width = Number.isNaN(ap50) ? 0 : ap50 * 100;
  return html`<tr>
    <td>${swatch(index)}${name}</td>
    <td class="number">${truths.toLocaleString('en')}</td>
    <td class="number">${shown.toLocaleString('en')}</td>
    <td class="number">${ratio(ap)}</td>
    <td class="number">${ratio(ap50)}</td>
    <td class="meter">
      <span style="width:${width.toFixed(1)}%;background:${classColor(index + 1)}"></span>
    </td>
  </tr>`;
}

export function precisionRecallCurves({ classes }: ReportModel): Html {
  return html`<section>
    <h2>Precision and recall</h2>
    <p class="hint">
      How many detections are right (up) against how many objects are found (right), at IoU 0.5, as the score
      threshold falls. The shaded area is AP50.
    </p>
    <div class="plots">
      ${classes.map(
        (row, index) =>
          html`<figure>
            <figcaption><b>${swatch(index)}${row.name}</b><span>${ratio(row.ap50)}</span></figcaption>
            ${precisionRecallPlot(row.curve, { color: classColor(index + 1), name: row.name })}
          </figure>`,
      )}
    </div>
  </section>`;
}

export function cocoTable({ coco }: ReportModel): Html {
  return html`<section>
    <h2>COCO metrics</h2>
    <p class="hint">The twelve numbers of pycocotools; a dash where no object of that size is annotated.</p>
    <table>
      <tbody>
        ${coco.map(
          ({ name, meaning, value }) =>
            html`<tr>
              <td>${name}</td>
              <td style="color:var(--soft)">${meaning}</td>
              <td class="number">${ratio(value)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

/** A larger matrix can't be read; report.json has it. */
const MATRIX_CLASSES = 30;

export function confusionSection({ confusion, classes }: ReportModel): Html | undefined {
  if (confusion === undefined || classes.length > MATRIX_CLASSES) return undefined;
  const names = [...classes.map(({ name }) => name), 'nothing'];
  return html`<section>
    <h2>Confusion</h2>
    <p class="hint">
      Rows: what is annotated. Columns: what was detected there (score at least ${confusion.scoreThreshold},
      IoU at least 0.5). The last column counts missed objects, the last row false alarms.
    </p>
    <div class="scroll">
      <table class="matrix">
        <thead>
          <tr>
            <th></th>
            ${names.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${names.map((name, row) => confusionRow(name, confusion.counts[row] ?? [], row))}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** Shaded by the share of the row, so that a rare class shows its mistakes as clearly as a common one. */
function confusionRow(name: string, counts: readonly number[], row: number): Html {
  const sum = Math.max(
    1,
    counts.reduce((a, b) => a + b, 0),
  );
  return html`<tr>
    <th scope="row">${name}</th>
    ${counts.map((value, column) => {
      const color = row === column ? '#2e9e62' : '#d9483b';
      const share = Math.round((value / sum) * 70);
      const fill = value === 0 ? 'var(--tint)' : `color-mix(in srgb, ${color} ${share + 8}%, var(--page))`;
      return html`<td style="background:${fill}">${value === 0 ? '' : value}</td>`;
    })}
  </tr>`;
}
