import type { ColorSpace, SelectiveSearchMode, Similarity, Strategy } from './types';

const CTSF: Similarity[] = ['color', 'texture', 'size', 'fill'];
const TSF: Similarity[] = ['texture', 'size', 'fill'];

function combine(colorSpaces: ColorSpace[], ks: number[], similarities: Similarity[][]): Strategy[] {
  return colorSpaces.flatMap((colorSpace) =>
    ks.flatMap((k) => similarities.map((some) => ({ colorSpace, k, similarities: some }))),
  );
}

/** The strategies of IJCV 2013 Table 4: 1, 8 and 80 of them. */
export function modeStrategies(mode: SelectiveSearchMode): Strategy[] {
  if (mode === 'single') return combine(['HSV'], [100], [CTSF]);
  if (mode === 'fast') return combine(['HSV', 'Lab'], [50, 100], [CTSF, TSF]);
  return combine(['HSV', 'Lab', 'rgI', 'H', 'I'], [50, 100, 150, 300], [CTSF, TSF, ['fill'], ['size']]);
}
