import { didYouMean } from '@roikit/training';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAddress } from '../download/address';
import { parseHubName } from '../download/hub';
import { UserError } from '../errors';
import { canTellBest } from '../runs/bestEpoch';
import { checkpointPath } from '../runs/checkpoint';

/** Detectors that come with roikit, by the name that `--model` takes. */
const BUNDLED = ['digits', 'digits-faster-rcnn', 'digits-spp-net', 'digits-rcnn'] as const;

/**
 * The folder of the detector that the user named: a detector's folder, a training run's, or a bundled detector's name.
 * UserError where there is none.
 */
export function findDetector(name: string): string {
  const candidates = [name, ...detectorsOfRun(name)];
  if (isBundled(name)) candidates.push(bundledDetector(name));
  const found = candidates.find((folder) => existsSync(join(folder, 'detector.json')));
  if (found !== undefined) return found;
  if (existsSync(checkpointPath(name))) {
    throw new UserError(
      `${name}: this run was stopped before it saved a detector; go on with it: npx roikit train --resume --out ${name}`,
    );
  }
  if (isWeights(name)) {
    throw new UserError(
      `${name}: weights don't say what detector they are of; make a folder of them: ` +
        `npx roikit import ${name} --architecture <name> --out <folder> (detect takes --architecture too)`,
    );
  }
  throw new UserError(
    `${name}: no detector there (no detector.json); give the folder that 'roikit train' wrote, or ${BUNDLED.join(', ')}${didYouMean(name, BUNDLED)}`,
  );
}

/** Of a training run the best detector by its validation, where that had pictures enough to tell it, before the last. */
function detectorsOfRun(folder: string): string[] {
  const [best, last] = [join(folder, 'detector-best'), join(folder, 'detector')];
  return canTellBest(picturesOf(best)) ? [best, last] : [last, best];
}

/** How many pictures a detector was measured on; all there are where its folder does not say, which whoever opens it tells. */
function picturesOf(folder: string): number {
  try {
    const { metrics } = JSON.parse(readFileSync(join(folder, 'detector.json'), 'utf8')) as {
      metrics?: { images?: number };
    };
    return metrics?.images ?? Infinity;
  } catch {
    return Infinity;
  }
}

/** A file, or what is fetched as one. */
function isWeights(name: string): boolean {
  if (isAddress(name) || parseHubName(name)) return true;
  return statSync(name, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isBundled(name: string): name is (typeof BUNDLED)[number] {
  return (BUNDLED as readonly string[]).includes(name);
}

/** Where the package of trained detectors keeps one. */
export function bundledDetector(name: (typeof BUNDLED)[number]): string {
  const manifest = fileURLToPath(import.meta.resolve('@roikit/pretrained/package.json'));
  return join(dirname(manifest), 'models', name);
}

/** `runs/x/detector` → `x`, any other folder → its own name. */
export function detectorName(folder: string): string {
  const name = basename(resolve(folder));
  return name.startsWith('detector') ? basename(dirname(resolve(folder))) : name;
}
