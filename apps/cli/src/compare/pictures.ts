import type { Dataset } from '@roikit/datasets';
import type { DatasetFormat } from '@roikit/datasets/node';
import { parseCocoResults, type Detections } from '@roikit/geometry';
import { DIGITS } from '../dataset/digitScenes';
import { openFolder } from '../dataset/openFolder';
import { spread } from '../dataset/spread';
import { errorLine } from '../errors';
import { judge } from '../evaluation/verdict';
import type { SamplePicture } from '../report/model';
import { samplePicture } from '../report/pictures';
import { warn } from '../terminal/print';
import type { Compared } from './comparison';

/** The same picture as each run sees it. */
export interface PictureRow {
  id: string;
  pictures: SamplePicture[];
}

/** Pictures side by side: enough for a first look. */
const PICTURES = 6;

/** The same pictures through each run's detections; none, with a warning, where the data can't be opened any more. */
export async function comparisonPictures(runs: readonly Compared[]): Promise<PictureRow[]> {
  const { images } = runs[0]!.about;
  try {
    const dataset = await openSource(runs[0]!);
    if (dataset === undefined) return [];
    const found = runs.map(detectionsByImage);
    const rows: PictureRow[] = [];
    for (const position of spread(images.length, PICTURES)) {
      rows.push(await pictureRow(dataset, images[position]!, runs, (run) => found[run]![position]!));
    }
    return rows;
  } catch (error) {
    warn(`the pictures are left out: ${errorLine(error)}`);
    return [];
  }
}

async function openSource({ about: { source, classes } }: Compared): Promise<Dataset | undefined> {
  if (source === undefined || source.path === DIGITS) {
    warn('the pictures are left out: only those of a folder can be opened again');
    return undefined;
  }
  const { path, format, images, annotations } = source;
  return openFolder(path, { format: format as DatasetFormat | undefined, images, annotations, classes });
}

async function pictureRow(
  dataset: Dataset,
  id: string,
  runs: readonly Compared[],
  detectionsOf: (run: number) => Detections,
): Promise<PictureRow> {
  const index = Array.from({ length: dataset.length }, (_, i) => dataset.id(i)).indexOf(id);
  if (index < 0) throw new Error(`${id} is not in ${dataset.name}`);
  const sample = await dataset.get(index);
  const pictures: SamplePicture[] = [];
  for (const [run, { about, name }] of runs.entries()) {
    const detections = detectionsOf(run);
    const verdict = judge(sample.truth, detections, { scoreThreshold: about.shownScore });
    const picture = await samplePicture(sample, detections, { classes: about.classes, verdict });
    pictures.push({ ...picture, id: name });
  }
  return { id, pictures };
}

function detectionsByImage({ about: { images, classes }, detections }: Compared): Detections[] {
  const options = { imageIds: images, categoryIds: classes.map((_, i) => i + 1) };
  return parseCocoResults(detections, options).map(({ boxes, scores, labels }) => ({
    boxes: Float32Array.from(boxes),
    scores: Float32Array.from(scores),
    labels,
  }));
}
