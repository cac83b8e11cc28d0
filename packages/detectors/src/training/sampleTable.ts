import { SampleError, type Dataset, type Sample } from '@roikit/datasets';
import type { Boxes } from '@roikit/geometry';
import { checkProposals } from '../proposals/checkProposals';
import type { ProposalSource, TrainEvent } from '../types';

/** A dataset's usable samples, in order. */
export interface SampleTable {
  indices: number[];
  /** By index, where regions come from outside the network. */
  proposals: ReadonlyMap<number, Boxes>;
  /** Of ids, sizes, classes and objects: a run is taken up only with the same data. */
  fingerprint: string;
  /** Usable samples that show an object of each class, 1…K. */
  objects: number[];
}

/** Looks at every sample before the first step: bad ones come to light now, not after an hour. */
export async function* readSamples(
  dataset: Dataset,
  source: ProposalSource | undefined,
  signal?: AbortSignal,
): AsyncGenerator<TrainEvent, SampleTable> {
  const proposals = new Map<number, Boxes>();
  const indices: number[] = [];
  const objects = dataset.classes.map(() => 0);
  const hash = new Fingerprint();
  hash.add(dataset.classes.join('\n'));
  for (let index = 0; index < dataset.length && !signal?.aborted; index++) {
    try {
      const sample = await dataset.get(index);
      if (source) proposals.set(index, checkProposals('train', await source(sample.image)));
      indices.push(index);
      hash.addSample(sample);
      for (const label of sample.truth.labels) objects[label - 1] = (objects[label - 1] ?? 0) + 1;
    } catch (error) {
      if (!(error instanceof SampleError)) throw error;
      yield { type: 'skipped', id: dataset.id(index), reason: error.message };
    }
    yield { type: 'progress', phase: 'data', task: 'proposals', done: index + 1, total: dataset.length };
  }
  return { indices, proposals, objects, fingerprint: hash.toString() };
}

/** FNV-1a (Fowler, Noll & Vo), 32 bits twice from two seeds: tells data sets apart, in a page too; not for cryptography. */
class Fingerprint {
  private low = 0x811c9dc5;
  private high = 0x01234567;

  add(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      this.low = Math.imul(this.low ^ code, 0x01000193);
      this.high = Math.imul(this.high ^ code, 0x01000193);
    }
  }

  addSample({ id, image, truth }: Sample): void {
    this.add(`\n${id} ${image.width}×${image.height} ${truth.labels.join()} ${truth.boxes.join()}`);
  }

  toString(): string {
    return [this.high, this.low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
