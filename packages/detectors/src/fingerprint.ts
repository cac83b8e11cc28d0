import type { GroundTruth } from '@roikit/geometry';

/** FNV-1a (Fowler, Noll & Vo), 32 bits twice from two seeds: tells data sets apart, in a page too; not for cryptography. */
export class Fingerprint {
  private low = 0x811c9dc5;
  private high = 0x01234567;

  add(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      this.low = Math.imul(this.low ^ code, 0x01000193);
      this.high = Math.imul(this.high ^ code, 0x01000193);
    }
  }

  toString(): string {
    return [this.high, this.low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

/** Pictures by name and what is annotated in them: two measurements can be compared only where it is the same. */
export function dataFingerprint(
  classes: readonly string[],
  samples: Iterable<{ id: string; truth: GroundTruth }>,
): string {
  const hash = new Fingerprint();
  hash.add(classes.join('\n'));
  for (const { id, truth } of samples) {
    const { labels, boxes, difficult = [], crowd = [] } = truth;
    hash.add(`\n${id} ${labels.join()} ${boxes.join()} ${difficult.join()} ${crowd.join()}`);
  }
  return hash.toString();
}
