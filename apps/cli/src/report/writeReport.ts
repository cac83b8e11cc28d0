import type { Dataset } from '@roikit/datasets';
import { atomicWrite } from '@roikit/training/node';
import { join } from 'node:path';
import { SHOWN_SCORE, type EvaluatedImage, type Evaluation } from '../evaluation';
import { toReportModel, type ReportContext } from './fromReport';
import { confusionTable } from './mistakes';
import type { ReportModel, SamplePicture } from './model';
import { reportPage, type Gallery } from './page';
import { samplePicture } from './pictures';

/** Pictures of each kind: enough to see what goes wrong, few enough for a page of a few megabytes. */
const PICTURES = 6;

/** Writes report.html and report.json into `folder`. */
export async function writeReport(
  folder: string,
  { report, images }: Evaluation,
  { dataset, ...context }: Omit<ReportContext, 'confusion'> & { dataset: Dataset },
): Promise<{ page: string; model: ReportModel }> {
  const counting = { numClasses: dataset.classes.length, scoreThreshold: SHOWN_SCORE };
  const model = toReportModel(report, { ...context, confusion: confusionTable(images, counting) });
  const galleries = await makeGalleries(images, dataset);
  const write = (name: string, text: string) =>
    atomicWrite(join(folder, name), new TextEncoder().encode(text));
  await write('report.json', `${JSON.stringify(model, null, 2)}\n`);
  const page = join(folder, 'report.html');
  await write('report.html', reportPage(model, galleries));
  return { page, model };
}

async function makeGalleries(images: readonly EvaluatedImage[], dataset: Dataset): Promise<Gallery[]> {
  const hint = `Detections with a score of at least ${SHOWN_SCORE}, against the annotated boxes.`;
  if (images.length <= 2 * PICTURES) {
    return [{ title: 'Pictures', hint, pictures: await drawAll(images, dataset) }];
  }
  const errors = ({ verdict }: EvaluatedImage) => verdict.missed + verdict.wrong.length;
  const sorted = [...images].sort((a, b) => errors(b) - errors(a));
  const worst = sorted.slice(0, PICTURES);
  const rest = images.filter((image) => !worst.includes(image));
  const spread = Array.from(
    { length: PICTURES },
    (_, i) => rest[Math.floor((i * rest.length) / PICTURES)] as EvaluatedImage,
  );
  return [
    { title: 'Pictures, spread over the data', hint, pictures: await drawAll(spread, dataset) },
    { title: 'Pictures with the most mistakes', hint, pictures: await drawAll(worst, dataset) },
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
