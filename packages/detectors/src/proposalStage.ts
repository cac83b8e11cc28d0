import { SampleError, type Dataset } from '@roikit/datasets';
import type { Boxes } from '@roikit/geometry';
import type { ProposalSource, TrainEvent } from './types';

/** Proposals of a dataset's usable samples, by index. */
export type ProposalTable = Map<number, Boxes>;

/** Proposals of every sample before the first step: bad samples come to light now, not after an hour. */
export async function* prepareProposals(
  dataset: Dataset,
  source: ProposalSource,
  signal?: AbortSignal,
): AsyncGenerator<TrainEvent, ProposalTable> {
  const table: ProposalTable = new Map();
  for (let index = 0; index < dataset.length && !signal?.aborted; index++) {
    try {
      const { image } = await dataset.get(index);
      table.set(index, await source(image));
    } catch (error) {
      if (!(error instanceof SampleError)) throw error;
      yield { type: 'skipped', id: dataset.id(index), reason: error.message };
    }
    yield { type: 'proposals', done: index + 1, total: dataset.length };
  }
  return table;
}
