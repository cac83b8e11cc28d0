import { computed } from '@preact/signals';
import { detections, run } from './derived';
import { region } from './walk';

/** The region that a stage about one region shows: the one in hand, else that of the best detection. */
export const handRegion = computed<number | undefined>(() => {
  if (run.value === undefined || run.value.snapshot.proposals.length === 0) return undefined;
  return region.value ?? detections.value.regions[0] ?? 0;
});
