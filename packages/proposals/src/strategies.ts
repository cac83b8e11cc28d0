import type { ColorSpace, SelectiveSearchMode, Similarity, Strategy } from './types';

const CTSF: Similarity[] = ['color', 'texture', 'size', 'fill'];
const TSF: Similarity[] = ['texture', 'size', 'fill'];

/** IJCV 2013 Table 4. */
const MODES: Record<
  SelectiveSearchMode,
  { colorSpaces: ColorSpace[]; ks: number[]; similarities: Similarity[][] }
> = {
  single: { colorSpaces: ['HSV'], ks: [100], similarities: [CTSF] },
  fast: { colorSpaces: ['HSV', 'Lab'], ks: [50, 100], similarities: [CTSF, TSF] },
  quality: {
    colorSpaces: ['HSV', 'Lab', 'rgI', 'H', 'I'],
    ks: [50, 100, 150, 300],
    similarities: [CTSF, TSF, ['fill'], ['size']],
  },
};

/**
 * The strategies of a mode: 1, 8 or 80.
 *
 * @throws RangeError when there is no such mode
 */
export function modeStrategies(mode: SelectiveSearchMode): Strategy[] {
  const found = Object.hasOwn(MODES, mode) ? MODES[mode] : undefined;
  if (found === undefined)
    throw new RangeError(
      `modeStrategies: mode must be one of ${Object.keys(MODES).join(', ')}, got ${String(mode)}`,
    );
  const { colorSpaces, ks, similarities } = found;
  return colorSpaces.flatMap((colorSpace) =>
    ks.flatMap((k) => similarities.map((some) => ({ colorSpace, k, similarities: some }))),
  );
}
