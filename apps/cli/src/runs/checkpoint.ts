import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors';

/** Where a run's state is, in its folder. */
export const checkpointPath = (out: string): string => join(out, 'checkpoint.safetensors');

/** UserError where a run that came as far as a checkpoint is in the folder already. */
export function refuseFinishedRun(out: string): void {
  if (existsSync(checkpointPath(out))) {
    throw new UserError(
      `${out}: there is a run in this folder; go on with it (--resume --out ${out}) or choose another --out`,
    );
  }
}
