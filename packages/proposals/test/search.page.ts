import type { RgbImage } from '@roikit/image';
import { selectiveSearch } from '../src/index';

declare function postMessage(message: unknown): void;

/** What a web worker runs: an image in, its proposals out. */
Object.assign(globalThis, {
  onmessage({ data }: { data: RgbImage }) {
    postMessage(selectiveSearch(data)); // oxlint-disable-line unicorn/require-post-message-target-origin -- a worker's has none
  },
});
