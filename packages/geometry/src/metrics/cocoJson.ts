import { checkChoice, checkList } from '../checks';

/** An id of COCO's files: a number, or text where a tool writes file names. */
export type CocoId = number | string;

/** What a JSON file of COCO's holds; a byte order mark before it is passed over. */
export function parseCocoJson(caller: string, text: string): unknown {
  if (typeof text !== 'string') {
    throw new TypeError(
      `${caller}: text must be the file's content as a string, got ${Object.prototype.toString.call(text).slice(8, -1)}; read it as UTF-8`,
    );
  }
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text) as unknown;
  } catch (error) {
    const cure = /\b(?:NaN|-?Infinity)\b/.test(text)
      ? '; NaN and Infinity are no JSON: drop such entries'
      : '';
    throw new SyntaxError(`${caller}: the text is no JSON (${(error as Error).message})${cure}`, {
      cause: error,
    });
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isId = (value: unknown): value is CocoId => typeof value === 'string' || Number.isFinite(value);

/** As pycocotools goes through a data set: by rising id (numpy's `unique`). */
export function risingIds(a: CocoId, b: CocoId): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}

/** A box of a file, or undefined for what is none. */
export function boxOf(value: unknown): [number, number, number, number] | undefined {
  const isBox = Array.isArray(value) && value.length === 4 && value.every(Number.isFinite);
  return isBox ? (value as [number, number, number, number]) : undefined;
}

/** What an error shows of ids that were given: the first three. */
export function someIds(ids: readonly CocoId[]): string {
  const first = ids.slice(0, 3).map((id) => JSON.stringify(id));
  return `${ids.length}${ids.length > 0 ? ': ' : ''}${first.join(', ')}${ids.length > 3 ? ' …' : ''}`;
}

/** What `imageIds`, `categoryIds` and `boxFormat` must be. */
export function checkCocoOptions(
  caller: string,
  { imageIds, categoryIds, boxFormat }: { imageIds: unknown; categoryIds: unknown; boxFormat: string },
): void {
  checkChoice(caller, 'boxFormat', boxFormat, ['xyxy', 'xywh']);
  for (const [name, ids] of Object.entries({ imageIds, categoryIds }))
    checkList(caller, name, ids, 'an id each');
}

/** Boxes of a file in the format asked for, in float64. */
export function toBoxes(boxes: number[], boxFormat: 'xyxy' | 'xywh'): Float64Array {
  const numbers = Float64Array.from(boxes);
  if (boxFormat === 'xyxy')
    for (let b = 0; b < numbers.length; b++) if (b % 4 > 1) numbers[b]! += numbers[b - 2]!;
  return numbers;
}
