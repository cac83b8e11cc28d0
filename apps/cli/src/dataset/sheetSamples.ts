import { SampleError, type Sample } from '@roikit/datasets';
import type { FileDataset } from '@roikit/datasets/node';

/** Samples spread over the data; those that can't be read are passed over. */
export async function sheetSamples(dataset: FileDataset, most: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const number = Math.min(most, dataset.length);
  for (let i = 0; i < number; i++) {
    try {
      samples.push(await dataset.get(Math.floor((i * dataset.length) / number)));
    } catch (error) {
      if (!(error instanceof SampleError)) throw error;
    }
  }
  return samples;
}
