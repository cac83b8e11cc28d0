/** Objects of one class over all images, in the order of the images and, within one, of its arrays. */
export interface ClassObjects {
  /** `[n]` */
  image: Int32Array;
  /** `[n]`, index within the image's arrays */
  index: Int32Array;
}

/** One entry a class: entry 0 is label 1. A counting sort, so linear however many classes and images. */
export function groupByClass(images: readonly { labels: Int32Array }[], numClasses: number): ClassObjects[] {
  const ends = new Int32Array(numClasses + 1);
  for (const { labels } of images) for (const label of labels) ends[label]!++;
  for (let label = 1; label <= numClasses; label++) ends[label]! += ends[label - 1]!;
  const starts = ends.slice(0, numClasses);
  const next = Int32Array.of(0, ...starts);
  const image = new Int32Array(ends[numClasses]!);
  const index = new Int32Array(ends[numClasses]!);
  images.forEach(({ labels }, i) => {
    labels.forEach((label, j) => {
      const at = next[label]!++;
      image[at] = i;
      index[at] = j;
    });
  });
  return Array.from(starts, (start, k) => ({
    image: image.subarray(start, ends[k + 1]),
    index: index.subarray(start, ends[k + 1]),
  }));
}
