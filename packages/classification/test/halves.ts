import { mulberry32 } from '@roikit/geometry';
import { preprocessings, type ClassificationDataset } from '../src';

/** Pictures told apart by the half that is bright: left, right, top, bottom. */
export function halves(count: number, seed: number): ClassificationDataset {
  const side = 20;
  const make = (index: number) => {
    const random = mulberry32(seed + index);
    const label = index % 4;
    const data = new Uint8Array(side * side * 3);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const bright = [x < side / 2, x >= side / 2, y < side / 2, y >= side / 2][label];
        for (let c = 0; c < 3; c++) data[(y * side + x) * 3 + c] = (bright ? 150 : 60) + 40 * random();
      }
    }
    return { image: { data, width: side, height: side }, label };
  };
  return { classes: ['left', 'right', 'top', 'bottom'], length: count, get: async (index) => make(index) };
}

/** For pictures of their size. */
export const preprocessing = { ...preprocessings.torchvision, resize: 16, crop: 16 };
