import { readStateDict, writeSafetensors } from '@roikit/weights';
import type { DetectorConfig } from './config';
import { FastRCNN } from './fastRCNN';
import { readParameters, writeParameters } from './parameters';

/** Raised when an older reader could no longer make sense of detector.json. */
const FORMAT_VERSION = 1;

/** The content of detector.json. */
export interface DetectorManifest {
  formatVersion: number;
  config: DetectorConfig;
  /** How it was measured, where it was: AP50, data, command. */
  metrics?: Record<string, unknown>;
  /** Where it came from: recipe, data, engine, date. */
  provenance?: Record<string, unknown>;
}

export interface DetectorFiles {
  'detector.json': Uint8Array;
  'weights.safetensors': Uint8Array;
}

export interface PackOptions extends Pick<DetectorManifest, 'metrics' | 'provenance'> {
  /** @default 'float32' nothing is lost; 'float16' halves the file */
  dtype?: 'float32' | 'float16';
}

/** A detector as the two files of its folder. */
export async function packDetector(detector: FastRCNN, options: PackOptions = {}): Promise<DetectorFiles> {
  const { dtype = 'float32', metrics, provenance } = options;
  const manifest: DetectorManifest = {
    formatVersion: FORMAT_VERSION,
    config: detector.config,
    metrics,
    provenance,
  };
  return {
    'detector.json': new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`),
    'weights.safetensors': writeSafetensors(await readParameters(detector), { dtype }),
  };
}

/** Makes the detector that `packDetector` packed. */
export async function unpackDetector(files: DetectorFiles): Promise<FastRCNN> {
  const manifest = JSON.parse(new TextDecoder().decode(files['detector.json'])) as DetectorManifest;
  if (manifest.formatVersion !== FORMAT_VERSION) {
    throw new RangeError(
      `loadDetector: detector.json must have formatVersion ${FORMAT_VERSION}, got ${manifest.formatVersion}; ` +
        'load it with the version of roikit that wrote it',
    );
  }
  const parameters = await readStateDict(files['weights.safetensors']);
  const detector = new FastRCNN(manifest.config, { random: () => 0.5 }); // every weight is overwritten
  writeParameters(detector, parameters);
  return detector;
}
