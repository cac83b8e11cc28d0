import { readFileSync } from 'node:fs';

// What goldens/torchvision_detectors.py writes.

export interface Described {
  shape: number[];
  values: number[];
  rms: number;
}

export interface DetectRun {
  name: string;
  size: [number, number];
  resized: [number, number];
  padded: [number, number];
  anchors: Described;
  maps: Described[];
  objectness: Described[];
  proposals: number[];
  boxes: number[];
  scores: number[];
  labels: number[];
}

export interface StepImage {
  name: string;
  size: [number, number];
  positive: number[];
  negative: number[];
  anchorTargets: number[];
  regions: number[];
  labels: number[];
  boxTargets: number[];
}

/** A gradient in float64: its norm, and 32 sums of its values with random signs. */
export interface Sketched {
  shape: number[];
  norm: number;
  sketch: number[];
  /** How far PyTorch's own float32 gradient is, norm over norm. */
  float32Error: number;
}

interface StepGolden {
  gains: Record<string, number>;
  /** Added to biases, with their sign; not to those of layers that predict. */
  offset: number;
  images: StepImage[];
  losses: Record<string, number>;
  gradients: Record<string, Sketched>;
}

export interface NetGolden {
  gains: Record<string, number>;
  shapes: Record<string, number[]>;
  runs: DetectRun[];
  step?: StepGolden;
}

export const golden = JSON.parse(
  readFileSync(new URL('goldens/torchvision_detectors.json', import.meta.url), 'utf8'),
) as {
  nets: Record<string, NetGolden>;
  normEps: DetectRun;
  anchors: { size: [number, number]; count: number; rows: number[]; boxes: number[] }[];
};

export const everything = process.env['ROIKIT_ALL_NETS'] === '1';
const heavy = ['fasterrcnn_resnet50_fpn', 'fasterrcnn_resnet50_fpn_v2'];

/** The nets to test, by name; without the heavy ones, said aloud, unless ROIKIT_ALL_NETS is 1. */
export function testedNets(): [string, NetGolden][] {
  if (!everything)
    console.warn(
      `torchvision's detectors: without ${heavy}, for their size; ROIKIT_ALL_NETS=1 runs them too`,
    );
  return Object.entries(golden.nets).filter(([name]) => everything || !heavy.includes(name));
}
