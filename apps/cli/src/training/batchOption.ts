import { DEFAULT_KIND, DETECTORS } from '@roikit/detectors';
import { Option } from 'commander';
import { integer } from '../options';

/** `--batch`, of `train` and `compare`. */
export function batchOption(): Option {
  const text = `pictures a step; default: ${defaults()}`;
  return new Option('--batch <n>', text).argParser(integer({ min: 1 }));
}

/** `2, rcnn 8`: that of the kind which is trained where nobody names one, and of those that differ from it. */
function defaults(): string {
  const usual = DETECTORS[DEFAULT_KIND].batch.images;
  const others = Object.entries(DETECTORS).filter(([, { batch }]) => batch.images !== usual);
  return [`${usual}`, ...others.map(([name, { batch }]) => `${name} ${batch.images}`)].join(', ');
}
