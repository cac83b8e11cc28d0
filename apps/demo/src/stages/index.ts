import { computed } from '@preact/signals';
import { run } from '../state/derived';
import { stage } from '../state/walk';
import { accuracy } from './accuracy';
import { features } from './features';
import { grouping } from './grouping';
import { nmsStage } from './nms';
import { pooling } from './pooling';
import { proposals } from './proposals';
import { result } from './result';
import { scores } from './scores';
import { segments } from './segments';
import type { Stage } from './stage';

/** The walk, in the order in which a detector works; each detector has those that apply. */
const ALL: readonly Stage[] = [
  result,
  segments,
  grouping,
  proposals,
  features,
  pooling,
  scores,
  nmsStage,
  accuracy,
];

export const stages = computed<readonly Stage[]>(() => {
  const current = run.value;
  return current ? ALL.filter(({ applies }) => applies(current)) : [result];
});

export const currentStage = computed<Stage>(
  () => stages.value.find(({ id }) => id === stage.value) ?? stages.value[0]!,
);
