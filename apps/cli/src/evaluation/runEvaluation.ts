import {
  evaluate,
  leastScores,
  type Detector,
  type ProposalSource,
  type Report,
  type ScoreKind,
} from '@roikit/detectors';
import type { Dataset } from '@roikit/datasets';
import type { Detections, GroundTruth } from '@roikit/geometry';
import { Interrupted } from '../errors';
import { warn } from '../terminal/print';
import { Progress } from '../terminal/progress';
import { proposalRanks, recordProposals, type ProposalRanks } from './proposalRanks';
import { judge, type Verdict } from './verdict';

export interface EvaluatedImage {
  /** Position in the dataset. */
  index: number;
  detections: Detections;
  truth: GroundTruth;
  verdict: Verdict;
  /** How good the proposals were; absent where the detector doesn't tell. */
  proposed?: { ranks: ProposalRanks; proposals: number };
}

export interface Evaluation {
  report: Report;
  scores: ScoreKind;
  /** From this score on a detection is drawn and counted as a claim: more likely right than wrong. */
  shownScore: number;
  images: EvaluatedImage[];
}

export interface EvaluationOptions {
  signal?: AbortSignal;
  /** Default: the detector's own. */
  proposals?: ProposalSource;
}

/** Evaluates with a progress bar; keeps every image's detections for the report's pictures. */
export async function runEvaluation(
  detector: Detector,
  dataset: Dataset,
  { signal, proposals }: EvaluationOptions = {},
): Promise<Evaluation> {
  const images: EvaluatedImage[] = [];
  const { scores = 'probability' } = detector;
  const { shown: shownScore } = leastScores(detector);
  const progress = new Progress({ title: 'evaluating', total: dataset.length });
  const recording = recordProposals(detector);
  const events = evaluate(recording.detector, dataset, { signal, proposals });
  try {
    for (;;) {
      const { done, value } = await events.next();
      if (done) {
        if (signal?.aborted) throw new Interrupted();
        return { report: value, images, scores, shownScore };
      }
      if (value.type === 'skipped') {
        warn(value.reason);
        continue;
      }
      const { detections, truth } = value;
      const verdict = judge(truth, detections, { scoreThreshold: shownScore });
      const boxes = recording.proposalsOf(detections);
      const proposed = boxes && { ranks: proposalRanks(truth, boxes), proposals: boxes.length / 4 };
      images.push({ index: value.done - 1, detections, truth, verdict, proposed });
      progress.update(value.done);
    }
  } finally {
    progress.stop();
  }
}
