import { settingDifferences } from '@roikit/training';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors';
import { writeJson } from '../runs/settingsFile';

const FILE = 'entered.json';

/**
 * Keeps what an entrant was asked for in its folder. A later call takes what is finished or begun there as it is, so it
 * must ask for the same: UserError that says what differs.
 */
export async function enterAs(folder: string, asked: object): Promise<void> {
  const path = join(folder, FILE);
  if (!existsSync(path)) return writeJson(path, asked);
  const before: unknown = JSON.parse(await readFile(path, 'utf8'));
  const differences = settingDifferences(before, JSON.parse(JSON.stringify(asked)));
  if (differences.length === 0) return;
  throw new UserError(
    `${folder}: it was entered with other settings (${differences.join('; ')}); give the same, or choose another --out`,
  );
}
