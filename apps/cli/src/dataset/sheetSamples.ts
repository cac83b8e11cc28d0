import { SampleError, type Sample } from '@roikit/datasets';
import type { FileDataset } from '@roikit/datasets/node';
import { spread } from './spread';

/** Samples spread over the data; those that can't be read are passed over. */
export async function sheetSamples(dataset: FileDataset, most: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const index of spread(dataset.length, most)) {
    try {
      samples.push(await dataset.get(index));
    } catch (error) {
      if (!(error instanceof SampleError)) throw error;
    }
  }
  return samples;
}
