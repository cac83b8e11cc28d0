import { readStateDict } from '@roikit/weights/node';
import { writeSafetensors } from '@roikit/weights';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CheckpointStore } from '../checkpoint';
import { atomicWrite } from './atomicWrite';

/** A training run's state in one safetensors file. */
export function checkpointFile(path: string): CheckpointStore {
  return {
    load: async () => (existsSync(path) ? readStateDict(path) : undefined),
    save: async (state) => {
      await mkdir(dirname(path), { recursive: true });
      await atomicWrite(path, writeSafetensors(state));
    },
  };
}
