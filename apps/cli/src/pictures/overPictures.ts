import type { RgbImage } from '@roikit/image';
import { Interrupted } from '../errors';
import { Progress } from '../terminal/progress';
import { readOrWarn } from './readPicture';

interface Picture {
  path: string;
  image: RgbImage;
}

/**
 * Pictures and what `work` makes of them, in order, under a progress bar; `work` may ask for several before it answers.
 * Those that can't be read are left out with a warning. Ends with `Interrupted` where `signal` is aborted.
 */
export async function* overPictures<R>(
  paths: readonly string[],
  work: (images: AsyncIterable<RgbImage>) => AsyncIterable<R>,
  { title, signal }: { title: string; signal: AbortSignal },
): AsyncGenerator<Picture & { result: R }> {
  const progress = new Progress({ title, total: paths.length });
  const atWork: Picture[] = [];
  let read = 0;
  async function* images(): AsyncGenerator<RgbImage> {
    for (const path of paths) {
      if (signal.aborted) throw new Interrupted();
      const image = await readOrWarn(path);
      read++;
      if (image === undefined) continue;
      atWork.push({ path, image });
      yield image;
    }
  }
  try {
    for await (const result of work(images())) {
      if (signal.aborted) throw new Interrupted();
      yield { ...atWork.shift()!, result };
      progress.update(read - atWork.length);
    }
  } finally {
    progress.stop();
  }
}
