import { computed, signal } from '@preact/signals';

// Where the visitor is on the walk through the stages, and how its knobs stand.

export type StageId =
  | 'result'
  | 'segments'
  | 'grouping'
  | 'anchors'
  | 'proposals'
  | 'features'
  | 'pooling'
  | 'scores'
  | 'nms'
  | 'accuracy';

export const stage = signal<StageId>('result');

/** Region under the pointer or the keyboard's focus, and the one that was clicked: numbers of proposals. */
export const hovered = signal<number | undefined>(undefined);
const chosen = signal<number | undefined>(undefined);
/** The region that all stages show. */
export const region = computed(() => hovered.value ?? chosen.value);

export function chooseRegion(index: number | undefined): void {
  chosen.value = index;
  hovered.value = undefined;
}

export const scoreThreshold = signal(0.8);
export const nmsThreshold = signal(0.3);
/** Proposals shown, of all. */
export const proposalShare = signal(1);
export const mapIndex = signal(0);
export const channel = signal(0);
/** σ and k of the segmentation. */
export const sigma = signal(0.8);
export const scale = signal(200);
/** Merges done, of all. */
export const mergeShare = signal(0.5);
/** Cell of the pooled grid under the pointer. */
export const bin = signal<number | undefined>(undefined);
