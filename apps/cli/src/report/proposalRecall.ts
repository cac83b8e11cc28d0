import { PROPOSAL_IOUS, type ProposalRanks } from '../evaluation/proposalRanks';

/** Share of the annotated objects that the first proposals of a picture hold. */
export interface ProposalRecall {
  /** Numbers of proposals a picture. */
  counts: number[];
  /** By least overlap. */
  curves: { iou: number; recall: number[] }[];
}

/** Recall over all pictures, against the number of proposals of each; undefined where no object is annotated. */
export function recallOfProposals(
  images: readonly { ranks: ProposalRanks; proposals: number }[],
): ProposalRecall | undefined {
  const most = images.reduce((max, { proposals }) => Math.max(max, proposals), 0);
  const total = images.reduce((sum, { ranks }) => sum + ranks[0]!.length, 0);
  if (total === 0 || most === 0) return undefined;
  const counts = roundNumbers(most);
  const curves = PROPOSAL_IOUS.map((iou, which) => {
    const ranks = images.flatMap((image) => image.ranks[which]!);
    const recall = counts.map((count) => ranks.filter((rank) => rank <= count).length / total);
    return { iou, recall };
  });
  return { counts, curves };
}

/** 1, 2, 5, 10 … and the last. */
function roundNumbers(most: number): number[] {
  const counts: number[] = [];
  for (let power = 1; power < most; power *= 10)
    counts.push(...[1, 2, 5].map((digit) => digit * power).filter((count) => count < most));
  return [...counts, most];
}
