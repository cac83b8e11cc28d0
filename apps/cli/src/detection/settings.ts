import type { WritableFormat } from '@roikit/datasets/node';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors';
import { readSettingsFile, writeSettingsFile } from '../runs/settingsFile';

/** What a run of `detect` is: kept in its folder, so that it can go on. */
export interface DetectSettings {
  /** Paths, patterns and addresses, as they were given. */
  pictures: string[];
  model: string;
  /** torchvision's name of the detector, where `model` is a file of its weights. */
  architecture?: string;
  /** ε of its backbone's batch norms; default: the architecture's. */
  normEps?: number;
  /** Default: what is worth showing of the detector's scores. */
  score?: number;
  max?: number;
  iou?: number;
  classes?: string[];
  maxPixels?: number;
  save: 'png' | 'jpg' | 'none';
  crops: boolean;
  format?: 'jsonl' | WritableFormat;
}

/** The file of the settings in a run's folder. */
export const SETTINGS_FILE = 'detect.json';

/** The file of results in a run's folder. */
export const resultsPath = (out: string): string => join(out, 'results.jsonl');

export const writeSettings = (out: string, settings: DetectSettings): Promise<void> =>
  writeSettingsFile(out, SETTINGS_FILE, settings);

/** The settings of the run in `out`; UserError where there is none. */
export const readSettings = (out: string): Promise<DetectSettings> => readSettingsFile(out, SETTINGS_FILE);

/** UserError where a run has left results in the folder. */
export function refuseResults(out: string): void {
  if (!existsSync(resultsPath(out))) return;
  throw new UserError(
    `${out}: there are results in this folder; go on with them (--resume --out ${out}) or choose another --out`,
  );
}
