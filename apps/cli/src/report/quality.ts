import { html, type Html } from './html';
import { legend } from './legend';
import type { ReportModel } from './model';
import { countPlot, reliabilityPlot } from './plots';

const COLORS = ['#0b8f6a', '#d9803b'] as const;

/** Whether scores mean what they say, and whether the proposals hold the objects at all. */
export function qualityPlots({ calibration, proposalRecall }: ReportModel): Html | undefined {
  if (!calibration?.length && !proposalRecall) return undefined;
  return html`<section>
    <h2>Scores and proposals</h2>
    <div class="plots wide">
      ${calibration?.length ? calibrationFigure(calibration) : ''}
      ${proposalRecall ? recallFigure(proposalRecall) : ''}
    </div>
  </section>`;
}

function calibrationFigure(bins: NonNullable<ReportModel['calibration']>): Html {
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  return html`<figure>
    ${reliabilityPlot(bins)}
    <p class="hint">
      Calibration: the share of detections that is right (up), by score (right), in tenths. On the line a
      score of 0.8 is right 8 times of 10; below it the detector is too sure. ${all.toLocaleString('en')}
      detections.
    </p>
  </figure>`;
}

function recallFigure({ counts, curves }: NonNullable<ReportModel['proposalRecall']>): Html {
  const series = curves.map(({ iou, recall }, i) => ({
    name: `IoU ${iou}`,
    color: COLORS[i]!,
    points: counts.map((count, k): [number, number] => [count, recall[k]!]),
  }));
  return html`<figure>
    ${countPlot(series, 'Recall by number of proposals')} ${legend(series)}
    <p class="hint">
      The share of annotated objects that the first proposals of a picture hold: no detection is found where
      none of them is.
    </p>
  </figure>`;
}
