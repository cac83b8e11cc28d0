import type { Dataset } from '@roikit/datasets';
import type { GeneralizedRCNN, ProposalSource } from '@roikit/detectors';
import { saveDetector } from '@roikit/detectors/node';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runEvaluation } from '../evaluation/runEvaluation';
import { count } from '../format';
import type { MeasuredDetector } from '../report/measured';
import type { ReportModel } from '../report/model';
import { runDetails } from '../report/runDetails';
import { writeReport } from '../report/writeReport';
import { MetricsLog, summary } from './log';
import { PhaseTimes } from './phaseTimes';
import { metricsPath, provenance, type Run } from './run';

interface MeasureOptions {
  /** What is measured. @default the run's */
  detector?: GeneralizedRCNN;
  /** On what. */
  dataset: Dataset;
  /** Where the report is written, and the detector beside it. @default the run's folder */
  out?: string;
  title: string;
  /** What it was measured on, for the reader. */
  on?: string;
  signal: AbortSignal;
  /** @default the detector's own, computed anew */
  proposals?: ProposalSource;
}

/** Measures what a run has trained, saves it with its numbers, and writes the report. */
export async function measureRun(
  run: Run,
  { detector = run.detector, dataset, out = run.out, title, on = '', signal, proposals }: MeasureOptions,
): Promise<{ page: string; model: ReportModel }> {
  const { settings, engine, data } = run;
  const evaluation = await runEvaluation(detector, dataset, { signal, proposals });
  const folder = join(out, 'detector');
  const about = { dtype: settings.training.saveAs, provenance: provenance(run) };
  await saveDetector(detector, folder, { ...about, metrics: summary(evaluation.report) });
  return writeReport(out, evaluation, {
    dataset,
    title,
    subtitle: `Measured ${on}after ${count(settings.training.epochs, 'epoch')}`,
    details: [['Folder', out], ['Training images', String(data.dataset.length)], ...runDetails(engine)],
    config: { detector: detector.config, training: settings.training },
    history: await new MetricsLog(metricsPath(run.out)).epochs(),
    measured: await measuredRun(run, folder),
  });
}

/** What a comparison wants to know of a run whose detector is saved in `folder`. */
async function measuredRun({ out, settings, detector }: Run, folder: string): Promise<MeasuredDetector> {
  const { type, backbone } = detector.config;
  const { path, format, images, annotations } = settings.data;
  return {
    type,
    backbone: backbone.name,
    bytes: (await stat(join(folder, 'weights.safetensors'))).size,
    source: { path, format, images, annotations },
    training: (await PhaseTimes.open(out)).phases,
  };
}
