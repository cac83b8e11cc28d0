import { checkChoice, checkFraction } from '../checks';
import { descendingOrder } from '../descendingOrder';
import { crowdOverlap, pairIou } from '../pair';
import type { MeasuredDetections, MeasuredTruth } from '../types';
import { checkDetections, checkTruth } from './inputs';
import { FALSE_POSITIVE, IGNORED, TRUE_POSITIVE } from './outcomes';

export interface MatchDetectionsOptions {
  /** Overlap that counts as found. @default 0.5, PASCAL's */
  iouThreshold?: number;
  /** Whether an overlap equal to the threshold counts. @default '>=', the devkit; '>' is py-faster-rcnn's voc_eval */
  match?: '>=' | '>';
}

/** What became of each detection of an image. */
export interface DetectionMatches {
  /** `[D]`: `FALSE_POSITIVE`, `TRUE_POSITIVE` or `IGNORED` */
  outcomes: Uint8Array;
  /** `[D]`: index of the truth it found, or of the one that explains an ignored detection; −1 for a false one */
  truths: Int32Array;
}

/**
 * Index of the truth of the detection's class that overlaps it most, among crowds or among all others; the lower one of
 * equals, −1 where none reaches the threshold.
 */
function mostOverlapped(
  truth: MeasuredTruth,
  found: MeasuredDetections,
  detection: number,
  { iouThreshold, match, crowds }: Required<MatchDetectionsOptions> & { crowds: boolean },
): number {
  const overlap = crowds ? crowdOverlap : pairIou;
  let best = -1;
  let most = 0; // boxes that do not touch never match, whatever the threshold
  for (let t = 0; t < truth.labels.length; t++) {
    if (truth.labels[t] !== found.labels[detection] || Boolean(truth.crowd?.[t]) !== crowds) continue;
    const here = overlap(truth.boxes, 4 * t, found.boxes, 4 * detection);
    if (here <= most) continue;
    most = here;
    best = t;
  }
  return (match === '>' ? most > iouThreshold : most >= iouThreshold) ? best : -1;
}

/** `matchDetections` on what is already checked. */
export function matchImage(
  truth: MeasuredTruth,
  found: MeasuredDetections,
  options: Required<MatchDetectionsOptions>,
): DetectionMatches {
  const taken = new Uint8Array(truth.labels.length);
  const outcomes = new Uint8Array(found.labels.length).fill(FALSE_POSITIVE);
  const truths = new Int32Array(found.labels.length).fill(-1);
  for (const detection of descendingOrder(found.scores)) {
    const own = mostOverlapped(truth, found, detection, { ...options, crowds: false });
    if (own >= 0 && (truth.difficult?.[own] || taken[own] === 0)) {
      outcomes[detection] = truth.difficult?.[own] ? IGNORED : TRUE_POSITIVE;
      truths[detection] = own;
      taken[own] = 1;
    } else if (truth.crowd) {
      truths[detection] = mostOverlapped(truth, found, detection, { ...options, crowds: true });
      if (truths[detection]! >= 0) outcomes[detection] = IGNORED;
    }
  }
  return { outcomes, truths };
}

/**
 * Which detections of an image are right, which are wrong and which count as neither. By descending score (equal ones by
 * the lower index), each belongs to the truth of its class that it overlaps most (VOCevaldet.m): the first on a truth is
 * right, later ones are wrong, and those on a `difficult` truth are neither. What would be wrong but lies in a crowd is
 * neither as well: there the overlap is intersection over the detection's own area (COCO: maskApi.c, bbIou).
 *
 * @throws RangeError for labels below 1, NaN scores, coordinates that are not finite, lengths that do not match
 */
export function matchDetections(
  truth: MeasuredTruth,
  detections: MeasuredDetections,
  { iouThreshold = 0.5, match = '>=' }: MatchDetectionsOptions = {},
): DetectionMatches {
  checkFraction('matchDetections', 'iouThreshold', iouThreshold);
  checkChoice('matchDetections', 'match', match, ['>=', '>']);
  checkTruth('matchDetections: truth', truth, Infinity);
  checkDetections('matchDetections: detections', detections, Infinity);
  return matchImage(truth, detections, { iouThreshold, match });
}
