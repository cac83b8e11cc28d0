import { extname } from 'node:path';
import { SampleError } from '../types';
import type { DatasetFormat } from './fileDataset';
import { isFile, listByExtension, subfolders } from './files';

/** Tells the format from the names in a folder and its subfolders; rejects where there is no sign of any. */
export async function detectFormat(path: string): Promise<DatasetFormat> {
  if (await isFile(path)) return formatOfFile(path);
  const folders = [path, ...(await subfolders(path, { depth: 2 }))];
  const found = async (...extensions: string[]): Promise<boolean> => {
    for (const folder of folders) if ((await listByExtension(folder, extensions)).length > 0) return true;
    return false;
  };
  // XML and JSON first: a COCO or VOC folder may well hold stray .txt or .yaml files, a YOLO one no XML or JSON.
  if (await found('.xml')) return 'voc';
  if (await found('.json')) return 'coco';
  if (await found('.yaml', '.yml', '.txt')) return 'yolo';
  throw new SampleError(path, {
    what: 'no annotations found (looked for VOC .xml, COCO .json, YOLO .yaml or .txt, two folders deep)',
    cure: 'check the path, and see the README of @roikit/datasets for the folder layouts',
  });
}

function formatOfFile(path: string): DatasetFormat {
  const extension = extname(path).toLowerCase();
  if (extension === '.json') return 'coco';
  if (extension === '.yaml' || extension === '.yml') return 'yolo';
  throw new SampleError(path, {
    what: `a dataset file must end in .json (COCO) or .yaml (YOLO), not '${extension}'`,
    cure: 'name the folder of the dataset, or one of those files',
  });
}
