import { parseOptions } from '@roikit/training';
import { buildDetector } from '../buildDetector';
import { readStateDict, writeSafetensors, type StateDict } from '@roikit/weights';
import * as z from 'zod';
import type { BaseConfig } from '../config';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import { detectorType } from '../registry';

/** 2: the neck is a part of the backbone (`backbone.body.…`, `backbone.neck.…`). */
const FORMAT_VERSION = 2;

const about = z.record(z.string(), z.unknown()).optional();
const manifestSchema = z.strictObject({
  formatVersion: z.int(),
  config: z.looseObject({ type: z.string() }),
  metrics: about,
  provenance: about,
});

/** The content of detector.json. */
export interface DetectorManifest {
  formatVersion: number;
  config: BaseConfig;
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
export async function packDetector(
  detector: GeneralizedRCNN,
  options: PackOptions = {},
): Promise<DetectorFiles> {
  const { dtype = 'float32', metrics, provenance } = options;
  const { config } = detector;
  const manifest: DetectorManifest = { formatVersion: FORMAT_VERSION, config, metrics, provenance };
  return {
    'detector.json': new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`),
    'weights.safetensors': writeSafetensors(await detector.stateDict(), { dtype }),
  };
}

/**
 * Makes the detector that `packDetector` packed.
 *
 * @throws RangeError that names what in detector.json or the weights is missing, unknown, of another shape or not finite
 */
export async function unpackDetector(files: DetectorFiles): Promise<GeneralizedRCNN> {
  const { formatVersion, config } = parseManifest(files['detector.json']);
  const type = detectorType(config.type, 'loadDetector: detector.json');
  const caller = 'loadDetector: detector.json';
  const own = parseOptions(caller, type.config, config);
  const detector = buildDetector(type, own, { caller, pretrained: true });
  try {
    const weights = await readStateDict(files['weights.safetensors']);
    checkTypes(weights);
    detector.load(formatVersion === 1 ? fromVersion1(weights) : weights);
  } catch (error) {
    detector.dispose();
    throw error;
  }
  return detector;
}

function parseManifest(bytes: Uint8Array) {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new RangeError(`loadDetector: detector.json is not JSON (${(cause as Error).message})`, { cause });
  }
  const version = (json as { formatVersion?: unknown } | null)?.formatVersion;
  if (version !== 1 && version !== FORMAT_VERSION) {
    throw new RangeError(
      `loadDetector: detector.json must have formatVersion 1 or ${FORMAT_VERSION}, got ${JSON.stringify(version)}; ` +
        'load it with the version of roikit that wrote it',
    );
  }
  return parseOptions('loadDetector: detector.json', manifestSchema, json);
}

/** Of whole numbers every one would be taken for a weight. */
function checkTypes(weights: StateDict): void {
  const wrong = [...weights].find(([, { dtype }]) => !dtype.includes('float'));
  if (wrong === undefined) return;
  const [name, { dtype }] = wrong;
  throw new RangeError(
    `loadDetector: weights.safetensors: ${name} must be float32, float16 or bfloat16, got ${dtype}; take the file as it was saved`,
  );
}

/** Version 1 had `backbone.…` and `neck.…` side by side. */
function fromVersion1(weights: StateDict): StateDict {
  const renamed = (name: string) =>
    name.replace(/^backbone\./, 'backbone.body.').replace(/^neck\./, 'backbone.neck.');
  return new Map([...weights].map(([name, tensor]) => [renamed(name), tensor]));
}
