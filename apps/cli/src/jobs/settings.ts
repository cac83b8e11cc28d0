/** What the results of a run depend on, besides its pictures. */
export interface JobSettings {
  /** Hash of the detector's files. */
  model: string;
  /** Default: what is worth showing of the detector's scores. */
  score?: number;
  max?: number;
  iou?: number;
  classes?: string[];
  maxPixels?: number;
}
