import { atomicWrite } from '@roikit/training/node';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors';

/** Keeps a run's settings in its folder, for --resume and for the reader. */
export async function writeSettingsFile(out: string, file: string, settings: object): Promise<void> {
  await writeJson(join(out, file), settings);
}

/** The settings of the run in `out`; UserError where there is none, and where they are damaged. */
export async function readSettingsFile<Settings>(out: string, file: string): Promise<Settings> {
  const path = join(out, file);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UserError(`${out}: no run to go on with (no ${file}); check --out, or leave out --resume`, {
      cause,
    });
  });
  try {
    return JSON.parse(text) as Settings;
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new UserError(`${path}: not JSON (${reason}); correct the file, or start the run anew`, { cause });
  }
}

/** For people to read as well. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await atomicWrite(path, new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`));
}
