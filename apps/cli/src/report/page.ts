import { classTable, cocoTable, confusionSection, precisionRecallCurves } from './accuracy';
import { html, Html } from './html';
import type { ReportModel, SamplePicture } from './model';
import { detailsTable, headline, stageTimes, trainingCurves } from './overview';
import { qualityPlots } from './quality';
import { STYLE } from './style';

/** A group of annotated pictures under one heading. */
export interface Gallery {
  title: string;
  hint: string;
  pictures: readonly SamplePicture[];
}

/** The report as one self-contained HTML file: no script, no font, nothing to fetch. */
export function reportPage(model: ReportModel, galleries: readonly Gallery[]): string {
  return document(
    model.title,
    html`<header>
        <h1>${model.title}</h1>
        <p>${model.subtitle}</p>
      </header>
      ${headline(model)} ${trainingCurves(model.history)} ${classTable(model)} ${pictures(galleries)}
      ${precisionRecallCurves(model)} ${qualityPlots(model)}
      <div class="columns">${cocoTable(model)} ${confusionSection(model)}</div>
      ${stageTimes(model)} ${detailsTable(model)}`,
  );
}

/** A self-contained page: its style and what is in it. */
export function document(title: string, content: Html): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html> `;
  return page.markup;
}

function pictures(galleries: readonly Gallery[]): Html | undefined {
  if (galleries.every((gallery) => gallery.pictures.length === 0)) return undefined;
  return html`<div class="toggles" style="margin-top:48px">
      <label><input type="checkbox" id="show-right" checked />Right (green)</label>
      <label><input type="checkbox" id="show-wrong" checked />Wrong (red, ×)</label>
      <label><input type="checkbox" id="show-truth" checked />Ground truth (dashed white)</label>
    </div>
    ${galleries
      .filter((gallery) => gallery.pictures.length > 0)
      .map(
        (gallery) =>
          html`<section>
            <h2 style="margin-top:24px">${gallery.title}</h2>
            <p class="hint">${gallery.hint}</p>
            <div class="pictures">${gallery.pictures.map(pictureFigure)}</div>
          </section>`,
      )}`;
}

export function pictureFigure({
  id,
  width,
  height,
  photo,
  truth,
  right,
  wrong,
  caption,
}: SamplePicture): Html {
  return html`<figure>
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${id}: ${caption}">
      <image href="${photo}" width="${width}" height="${height}" />
      <g class="truth">${new Html(truth)}</g>
      <g class="right">${new Html(right)}</g>
      <g class="wrong">${new Html(wrong)}</g>
    </svg>
    <figcaption>${id}<span>${caption}</span></figcaption>
  </figure>`;
}
