import { SampleError, type Dataset } from '@roikit/datasets';
import { isIgnored, type Boxes, type GroundTruth } from '@roikit/geometry';
import { Fingerprint } from '../fingerprint';
import { checkProposals } from '../proposals/checkProposals';
import type { ProposalSource, TrainEvent } from '../types';

/** A dataset's usable samples, in order. */
export interface SampleTable {
  indices: number[];
  /** By index, where regions come from outside the network. */
  proposals: ReadonlyMap<number, Boxes>;
  /** By index. */
  truths: ReadonlyMap<number, GroundTruth>;
  /** Of ids, sizes, classes, objects and their marks: a run is taken up only with the same data. */
  fingerprint: string;
  /** How many objects of each class, 1…K, are learned. */
  objects: number[];
}

/** Looks at every sample before the first step: bad ones come to light now, not after an hour. */
export async function* readSamples(
  dataset: Dataset,
  source: ProposalSource | undefined,
  signal?: AbortSignal,
): AsyncGenerator<TrainEvent, SampleTable> {
  const proposals = new Map<number, Boxes>();
  const truths = new Map<number, GroundTruth>();
  const indices: number[] = [];
  const objects = dataset.classes.map(() => 0);
  const hash = new Fingerprint();
  hash.add(dataset.classes.join('\n'));
  for (let index = 0; index < dataset.length && !signal?.aborted; index++) {
    try {
      const sample = await dataset.get(index);
      if (source) proposals.set(index, checkProposals('train', await source(sample.image)));
      indices.push(index);
      truths.set(index, sample.truth);
      const { id, image, truth } = sample;
      hash.add(`\n${id} ${image.width}×${image.height} ${truth.labels.join()} ${truth.boxes.join()}`);
      // What is marked is not learned. Nothing is added where nothing is: older checkpoints of such data stay good.
      for (const mark of ['difficult', 'crowd'] as const)
        if (truth[mark]) hash.add(` ${mark} ${truth[mark].join()}`);
      truth.labels.forEach((label, i) => {
        if (!isIgnored(truth, i)) objects[label - 1] = (objects[label - 1] ?? 0) + 1;
      });
    } catch (error) {
      if (!(error instanceof SampleError)) throw error;
      yield { type: 'skipped', id: dataset.id(index), reason: error.message };
    }
    yield { type: 'progress', phase: 'data', task: 'proposals', done: index + 1, total: dataset.length };
  }
  return { indices, proposals, truths, objects, fingerprint: hash.toString() };
}
