import { SVM_SCORE_THRESHOLD } from '@roikit/heads';

/** What a detector's scores are: probabilities of a softmax, or margins of SVMs. */
export type ScoreKind = 'probability' | 'margin';

/** Least scores that mean something: to a reader, and to average precision. */
export interface LeastScores {
  shown: number;
  measured: number;
}

const LEAST_SCORES: Record<ScoreKind, LeastScores> = {
  // More likely right than wrong; peers measure from .001 to .005.
  probability: { shown: 0.5, measured: 0.001 },
  // Where the SVM says "object"; what lies below −1 is background beyond doubt.
  margin: { shown: 0, measured: SVM_SCORE_THRESHOLD },
};

/** From which score on a detector's answers are worth showing, and measuring. */
export function leastScores({ scores = 'probability' }: { scores?: ScoreKind }): LeastScores {
  return LEAST_SCORES[scores];
}
