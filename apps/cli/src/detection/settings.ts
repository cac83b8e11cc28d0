import type { WritableFormat } from '@roikit/datasets/node';
import { atomicWrite } from '@roikit/training/node';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors';

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

const FILE = 'detect.json';

/** The file of results in a run's folder. */
export const resultsPath = (out: string): string => join(out, 'results.jsonl');

export async function writeSettings(out: string, settings: DetectSettings): Promise<void> {
  const text = `${JSON.stringify(settings, null, 2)}\n`;
  await atomicWrite(join(out, FILE), new TextEncoder().encode(text));
}

/** The settings of the run in `out`; UserError where there is none. */
export async function readSettings(out: string): Promise<DetectSettings> {
  const path = join(out, FILE);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UserError(`${out}: no run to go on with (no ${FILE}); check --out, or leave out --resume`, {
      cause,
    });
  });
  try {
    return JSON.parse(text) as DetectSettings;
  } catch (cause) {
    throw new UserError(`${path}: not JSON (${(cause as Error).message}); start the run anew`, { cause });
  }
}

/** UserError where a run has left results in the folder. */
export function refuseResults(out: string): void {
  if (!existsSync(resultsPath(out))) return;
  throw new UserError(
    `${out}: there are results in this folder; go on with them (--resume --out ${out}) or choose another --out`,
  );
}
