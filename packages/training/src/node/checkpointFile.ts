import { writeSafetensors } from '@roikit/weights';
import { readStateDict } from '@roikit/weights/node';
import { existsSync } from 'node:fs';
import type { CheckpointStore } from '../checkpoint';
import { atomicWrite } from './atomicWrite';

/** A training run's state in one safetensors file. */
export function checkpointFile(path: string): CheckpointStore {
  return {
    load: async () => {
      if (!existsSync(path)) return undefined;
      return readStateDict(path).catch((cause: unknown) => {
        const reason = (cause as Error).message;
        throw new Error(`${path}: the checkpoint can't be read (${reason}); delete it to start anew`, {
          cause,
        });
      });
    },
    save: (state) => atomicWrite(path, writeSafetensors(state)),
  };
}
