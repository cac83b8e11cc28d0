import type { Annotations, ReadOptions } from './annotations';
import { readCoco } from './coco/readCoco';
import { readCvat } from './cvat/readCvat';
import type { DatasetFormat } from './fileDataset';
import { readLabelme } from './labelme/readLabelme';
import { readVoc } from './voc/readVoc';
import { readYolo } from './yolo/readYolo';

export interface FormatReader {
  /** The name as people know it. */
  title: string;
  read(path: string, options: ReadOptions): Promise<Annotations>;
}

/** Every format that is read; `detectFormat` tells which a folder holds. */
export const formats: Record<DatasetFormat, FormatReader> = {
  voc: { title: 'PASCAL VOC', read: readVoc },
  coco: { title: 'COCO', read: readCoco },
  yolo: { title: 'YOLO', read: readYolo },
  labelme: { title: 'labelme', read: readLabelme },
  cvat: { title: 'CVAT for images', read: readCvat },
};
