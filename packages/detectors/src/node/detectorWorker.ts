import { useEngine } from '@roikit/engine';
import type { Boxes } from '@roikit/geometry';
import { workerData } from 'piscina';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import type { Detector, TimedDetections } from '../types';
import { loadDetector } from './detectorFolder';
import type { DetectTask, DetectorPoolOptions } from './detectorPool';

/** This thread's own detector, on an engine of its own; begun with the first task, whose error says what went wrong. */
let detector: Promise<GeneralizedRCNN> | undefined;

async function start(): Promise<GeneralizedRCNN> {
  const { folder, engine } = workerData as DetectorPoolOptions;
  await useEngine(engine);
  return loadDetector(folder);
}

export async function about(): Promise<Pick<Detector, 'config' | 'scores'>> {
  const { config, scores } = await (detector ??= start());
  return { config, scores };
}

export async function detect({ image, options }: DetectTask): Promise<TimedDetections> {
  return (await (detector ??= start())).detect(image, options);
}

export async function detectWithProposals({
  image,
  options,
}: DetectTask): Promise<TimedDetections & { proposals: Boxes }> {
  return (await (detector ??= start())).detectWithProposals(image, options);
}
