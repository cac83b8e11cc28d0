import { computed } from '@preact/signals';
import { run } from '../state/derived';
import { stage } from '../state/walk';
import { accuracy } from './accuracy';
import { anchors } from './anchors';
import { crop } from './crop';
import { features } from './features';
import { grouping } from './grouping';
import { nmsStage } from './nms';
import { align, pooling, spatialPyramid } from './pooling';
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
  features,
  anchors,
  proposals,
  crop,
  pooling,
  spatialPyramid,
  align,
  scores,
  nmsStage,
  accuracy,
];

/** Where regions come from the picture, they come before its features; where from the features, after. */
const order = (list: readonly Stage[]): Stage[] => {
  const fromMaps = list.includes(anchors);
  if (fromMaps) return [...list];
  const rest = list.filter((one) => one !== features);
  return rest.flatMap((one) => (one === proposals && list.includes(features) ? [one, features] : one));
};

export const stages = computed<readonly Stage[]>(() => {
  const current = run.value;
  return current ? order(ALL.filter(({ applies }) => applies(current))) : [result];
});

export const currentStage = computed<Stage>(
  () => stages.value.find(({ id }) => id === stage.value) ?? stages.value[0]!,
);
