import type { Dataset } from '@roikit/datasets';
import { atomicWrite } from '@roikit/training/node';
import { join } from 'node:path';
import { spread } from '../dataset/spread';
import type { EvaluatedImage, Evaluation } from '../evaluation/runEvaluation';
import { writeJson } from '../runs/settingsFile';
import { calibration } from './calibration';
import { confusionTable } from './confusion';
import { toReportModel, type ReportContext } from './fromReport';
import { writeMeasured, type MeasuredDetector } from './measured';
import type { ReportModel, SamplePicture } from './model';
import { reportPage, type Gallery } from './page';
import { samplePicture } from './pictures';
import { recallOfProposals } from './proposalRecall';
import { toCsv, toResults } from './results';

/** Pictures of each kind: enough to see what goes wrong, few enough for a page of a few megabytes. */
const PICTURES = 6;

type Computed = 'shownScore' | 'confusion' | 'calibration' | 'proposalRecall';

export interface ReportOptions extends Omit<ReportContext, Computed> {
  dataset: Dataset;
  /** What a comparison wants to know of the detector. */
  measured?: MeasuredDetector;
}

/** Writes report.html, report.json, results.json and results.csv into `folder`; where `measured` says of what, detections.json too. */
export async function writeReport(
  folder: string,
  evaluation: Evaluation,
  { dataset, measured, ...context }: ReportOptions,
): Promise<{ page: string; model: ReportModel }> {
  const { report, images, scores, shownScore } = evaluation;
  const counting = { numClasses: dataset.classes.length, scoreThreshold: shownScore };
  const proposed = images.flatMap((image) => image.proposed ?? []);
  const model = toReportModel(report, {
    ...context,
    shownScore,
    confusion: confusionTable(images, counting),
    calibration: scores === 'probability' ? calibration(images) : undefined,
    proposalRecall: recallOfProposals(proposed),
  });
  const galleries = await makeGalleries(evaluation, dataset);
  const write = (name: string, text: string) =>
    atomicWrite(join(folder, name), new TextEncoder().encode(text));
  await writeJson(join(folder, 'report.json'), model);
  await writeJson(join(folder, 'results.json'), toResults(model));
  await write('results.csv', toCsv(model));
  if (measured) await writeMeasured(folder, evaluation, { dataset, detector: measured });
  const page = join(folder, 'report.html');
  await write('report.html', reportPage(model, galleries));
  return { page, model };
}

async function makeGalleries({ images, shownScore }: Evaluation, dataset: Dataset): Promise<Gallery[]> {
  const hint = `Detections with a score of at least ${shownScore}, against the annotated boxes.`;
  if (images.length <= 2 * PICTURES) {
    return [{ title: 'Pictures', hint, pictures: await drawAll(images, dataset) }];
  }
  const mistakes = ({ verdict }: EvaluatedImage) => verdict.missed + verdict.wrong.length;
  const sorted = [...images].sort(
    (a, b) => mistakes(b) - mistakes(a) || a.verdict.right.length - b.verdict.right.length,
  );
  const worst = sorted.slice(0, PICTURES);
  // Of those without a mistake, what shows most.
  const best = sorted.slice(-PICTURES).reverse();
  const rest = images.filter((image) => !worst.includes(image) && !best.includes(image));
  const others = spread(rest.length, PICTURES).map((i) => rest[i]!);
  const titled = (title: string, part: readonly EvaluatedImage[]) =>
    drawAll(part, dataset).then((pictures): Gallery => ({ title, hint, pictures }));
  return [
    await titled('Worst pictures', worst),
    await titled('Best pictures', best),
    await titled('Pictures, spread over the rest', others),
  ];
}

async function drawAll(images: readonly EvaluatedImage[], dataset: Dataset): Promise<SamplePicture[]> {
  const pictures: SamplePicture[] = [];
  for (const { index, detections, verdict } of images) {
    const sample = await dataset.get(index);
    pictures.push(await samplePicture(sample, detections, { classes: dataset.classes, verdict }));
  }
  return pictures;
}
