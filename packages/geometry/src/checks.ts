import type { MeasuredBoxes } from './types';

// Checks for the public functions: each message names the function, what was expected and what came.

const typeName = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Number of boxes in a flat `[N, 4]` array. */
export function countBoxes(caller: string, name: string, boxes: Float32Array): number {
  if (typeName(boxes) !== 'Float32Array') {
    throw new TypeError(
      `${caller}: ${name} must be a Float32Array of x1 y1 x2 y2, got ${typeName(boxes)}; flatten and convert with Float32Array.from`,
    );
  }
  return countFours(caller, name, boxes);
}

function countFours(caller: string, name: string, boxes: MeasuredBoxes): number {
  if (boxes.length % 4 !== 0) {
    throw new RangeError(
      `${caller}: ${name} must hold 4 numbers a box (x1 y1 x2 y2), got ${boxes.length} numbers`,
    );
  }
  return boxes.length / 4;
}

/** Number of boxes, all of them with finite coordinates. */
export function countFiniteBoxes(caller: string, name: string, boxes: Float32Array): number {
  const count = countBoxes(caller, name, boxes);
  checkFinite(caller, name, boxes);
  return count;
}

/** Number of boxes a metric is given, in float32 or float64, all of them with finite coordinates. */
export function countMeasuredBoxes(caller: string, name: string, boxes: MeasuredBoxes): number {
  checkFloats(caller, name, boxes);
  const count = countFours(caller, name, boxes);
  checkFinite(caller, name, boxes);
  return count;
}

function checkFloats(caller: string, name: string, values: unknown): void {
  const type = typeName(values);
  if (type !== 'Float32Array' && type !== 'Float64Array') {
    throw new TypeError(`${caller}: ${name} must be a Float32Array or Float64Array, got ${type}`);
  }
}

function checkFinite(caller: string, name: string, boxes: MeasuredBoxes): void {
  for (let i = 0; i < boxes.length; i++) {
    // x − x is 0 for every finite x, NaN otherwise
    if (boxes[i]! - boxes[i]! !== 0) {
      throw new RangeError(
        `${caller}: ${name} must be finite, got ${boxes[i]} in box ${i >> 2}; drop or clip that box first`,
      );
    }
  }
}

export function checkLength(caller: string, name: string, actual: number, boxes: number): void {
  if (actual !== boxes) {
    throw new RangeError(`${caller}: ${name} must have one entry per box (${boxes}), got ${actual}`);
  }
}

export function checkScores(caller: string, scores: Float32Array, boxes: number): void {
  if (typeName(scores) !== 'Float32Array') {
    throw new TypeError(`${caller}: scores must be a Float32Array, got ${typeName(scores)}`);
  }
  checkRanks(caller, scores, boxes);
}

/** The same for what a metric is given. */
export function checkMeasuredScores(
  caller: string,
  scores: Float32Array | Float64Array,
  boxes: number,
): void {
  checkFloats(caller, 'scores', scores);
  checkRanks(caller, scores, boxes);
}

function checkRanks(caller: string, scores: Float32Array | Float64Array, boxes: number): void {
  checkLength(caller, 'scores', scores.length, boxes);
  for (let i = 0; i < boxes; i++) {
    if (Number.isNaN(scores[i])) {
      throw new RangeError(`${caller}: scores must be numbers, got NaN at ${i}; a NaN score has no rank`);
    }
  }
}

/** JavaScript compares text with numbers: '0.5' >= 0, so each of these asks for the type too. */
const isNumber = (value: unknown): value is number => typeof value === 'number';

const shown = (value: unknown): string => (typeof value === 'string' ? `the text '${value}'` : String(value));

/** A threshold on an overlap: in [0, 1]. */
export function checkFraction(caller: string, name: string, value: number): void {
  if (!isNumber(value) || !(value >= 0 && value <= 1))
    throw new RangeError(`${caller}: ${name} must be in [0, 1], got ${shown(value)}`);
}

/** Above 0, and finite. */
export const isPositive = (value: number): boolean => isNumber(value) && value > 0 && value < Infinity;

/** One of a few words. */
export function checkChoice(caller: string, name: string, value: unknown, choices: readonly string[]): void {
  if (choices.includes(value as string)) return;
  const quoted = choices.map((choice) => `'${choice}'`);
  const last = quoted.pop();
  throw new TypeError(
    `${caller}: ${name} must be ${quoted.join(', ')} or ${last}, got ${isNumber(value) ? value : `'${String(value)}'`}`,
  );
}

/** A size or weight. */
export function checkPositive(caller: string, name: string, value: number): void {
  if (!isPositive(value)) throw new RangeError(`${caller}: ${name} must be positive, got ${shown(value)}`);
}

export const isNotNegative = (value: number): boolean => isNumber(value) && value >= 0;

export function checkNotNegative(caller: string, name: string, value: number): void {
  if (!isNotNegative(value)) throw new RangeError(`${caller}: ${name} must be ≥ 0, got ${shown(value)}`);
}

/** `[N]` labels: integers, of any sign. Those of an `Int32Array` can be nothing else. */
export function checkLabels(caller: string, labels: ArrayLike<number>, boxes: number): void {
  checkLength(caller, 'labels', labels.length, boxes);
  if (labels instanceof Int32Array) return;
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isInteger(labels[i]))
      throw new RangeError(`${caller}: labels must be integers, got ${shown(labels[i])} at ${i}`);
  }
}

/** A list, with what each entry of it is for. */
export function checkList(caller: string, name: string, value: unknown, entries: string): void {
  if (!Array.isArray(value))
    throw new TypeError(`${caller}: ${name} must be an array, ${entries}, got ${typeName(value)}`);
}

export function checkNumber(caller: string, name: string, value: unknown): void {
  if (!isNumber(value) || Number.isNaN(value))
    throw new RangeError(`${caller}: ${name} must be a number, got ${shown(value)}`);
}

/** Place of a box among `boxes`. */
export function checkIndex(caller: string, name: string, index: number, boxes: number): void {
  if (Number.isInteger(index) && index >= 0 && index < boxes) return;
  throw new RangeError(
    `${caller}: ${name} must be below the number of boxes (${boxes}), got ${shown(index)}`,
  );
}

/** A number of things to keep: a whole number, or Infinity for all. */
export function checkLimit(caller: string, name: string, value: number): void {
  if (!(value >= 0) || (value !== Infinity && !Number.isInteger(value))) {
    throw new RangeError(`${caller}: ${name} must be a whole number or Infinity, got ${shown(value)}`);
  }
}
