import type { RgbImage } from '@roikit/image';
import { COLOR_SPACES } from './colorSpaces';
import { SIMILARITIES } from './similarity';
import type { Strategy } from './types';

/** Throws unless every value is a number of at least 0. */
export function checkNumber(name: string, values: Record<string, number>): void {
  for (const [key, value] of Object.entries(values))
    if (typeof value !== 'number' || !(value >= 0))
      throw new RangeError(`${name}: ${key} must be a number of at least 0, got ${String(value)}`);
}

/** Throws unless a smoothing is one that the image has room for: its filter reaches four times as far. */
export function checkSigma(name: string, sigma: number, { width, height }: RgbImage): void {
  checkNumber(name, { sigma });
  const most = Math.max(width, height);
  if (sigma > most)
    throw new RangeError(
      `${name}: sigma must be at most the longer side of the image, ${most}, got ${sigma}`,
    );
}

/** Throws unless there is a strategy, and each names a colour space, a positive k and similarities that exist. */
export function checkStrategies(name: string, strategies: readonly Strategy[]): void {
  if (strategies.length === 0) throw new RangeError(`${name}: strategies must hold at least one, got none`);
  for (const { colorSpace, k, similarities } of strategies) {
    if (!COLOR_SPACES.includes(colorSpace))
      throw new RangeError(
        `${name}: colorSpace must be one of ${COLOR_SPACES.join(', ')}, got ${String(colorSpace)}`,
      );
    if (typeof k !== 'number' || !(k > 0 && k < Infinity))
      throw new RangeError(`${name}: k of a strategy must be a positive number, got ${k}`);
    const unknown = similarities.find((s) => !SIMILARITIES.includes(s));
    if (similarities.length === 0 || unknown !== undefined)
      throw new RangeError(
        `${name}: similarities must be some of ${SIMILARITIES.join(', ')}, got ${unknown ?? 'none'}`,
      );
  }
}
