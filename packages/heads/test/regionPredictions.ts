import { BoxCoder, mulberry32 } from '@roikit/geometry';

/** What a head of three classes might say of 60 regions. */
export const coder = new BoxCoder({ weights: [10, 10, 5, 5] });
export const imageSize = { width: 100, height: 80 };
const random = mulberry32(5);
export const regions = 60;
export const columns = 4;
export const proposals = new Float32Array(4 * regions);
for (let i = 0; i < proposals.length; i += 4) {
  const [x, y] = [random() * 80, random() * 60];
  proposals.set([x, y, x + 5 + random() * 30, y + 5 + random() * 30], i);
}
export const boxOffsets = Float32Array.from({ length: regions * columns * 4 }, () => random() * 2 - 1);
export const scores = Float32Array.from({ length: regions * columns }, () => random() / 2);
export const predictions = { scores, boxOffsets, proposals, imageSize };
