import { didYouMean } from '@roikit/training';
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAddress } from '../download/address';
import { parseHubName } from '../download/hub';
import { UserError } from '../errors';
import { checkpointPath } from '../runs/checkpoint';

/** Detectors that come with roikit, by the name that `--model` takes. */
const BUNDLED = ['digits', 'digits-faster-rcnn', 'digits-spp-net', 'digits-rcnn'] as const;

/**
 * The folder of the detector that the user named: a detector's folder, a training run's, or a bundled detector's name.
 * UserError where there is none.
 */
export function findDetector(name: string): string {
  // Of a training run the best detector by its validation, where it had one.
  const candidates = [name, join(name, 'detector-best'), join(name, 'detector')];
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
