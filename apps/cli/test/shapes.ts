import { mulberry32 } from '@roikit/geometry';
import sharp from 'sharp';
import { testEngine } from '../../../packages/engine/test/testEngine';
import { roikit } from './support';

interface Classified {
  image: string;
  classes: { class: string; label: number; score: number }[];
}

export const classify = async (...args: string[]) => {
  const outcome = await roikit('classify', ...args, '--engine', testEngine, '--json');
  return { ...outcome, results: JSON.parse(outcome.stdout || '[]') as Classified[] };
};

/** One light shape on dark ground. */
export async function writePicture(file: string, shape: string, seed: number): Promise<string> {
  const random = mulberry32(seed);
  const [x, y] = [8 + Math.floor(random() * 16), 8 + Math.floor(random() * 16)];
  const shapes: Record<string, string> = {
    circle: `<circle cx="${x + 16}" cy="${y + 16}" r="16" fill="#fff"/>`,
    square: `<rect x="${x}" y="${y}" width="32" height="32" fill="#fff"/>`,
    stripe: `<rect x="${x}" y="0" width="8" height="64" fill="#fff"/>`,
  };
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="#234"/>${shapes[shape]}</svg>`;
  await sharp(Buffer.from(svg)).png().toFile(file);
  return file;
}
