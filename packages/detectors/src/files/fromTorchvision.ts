import { assertFinite, type StateDict } from '@roikit/weights';
import type { Architecture } from './architecture';
import { buildDetector } from '../buildDetector';
import { COCO_CLASSES } from './cocoClasses';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import { DETECTORS, type AnyDetectorType } from '../registry';

export interface FromTorchvisionOptions {
  /** The builder that made the detector in torchvision: `fasterrcnn_resnet50_fpn` … */
  architecture: string;
  /** Names of the classes 1…K. @default COCO's, where the weights are for as many */
  classes?: readonly string[];
  /**
   * ε of the backbone's batch norms, for a detector that was trained with another one: 1e-5 where it never started from
   * torchvision's COCO weights.
   *
   * @default the architecture's, as torchvision sets it with its COCO weights: 0 for `fasterrcnn_resnet50_fpn`
   */
  normEps?: number;
  /** Other sizes of the network's input. @default torchvision's: 800 and 1333, or 320 and 640 */
  transform?: { minSize?: number; maxSize?: number };
}

/** Names that `fromTorchvision` takes. */
export function torchvisionArchitectures(): string[] {
  return kinds().flatMap(({ architectures = {} }) => Object.keys(architectures));
}

/**
 * A detector from torchvision's state dict: the same sizes, anchors, proposals and detections. Names from before 2021
 * are known too.
 *
 * @throws RangeError for an architecture that is not known, or naming all keys that are missing, unexpected or of another
 * shape
 */
export async function fromTorchvision(
  stateDict: StateDict,
  { architecture: name, classes, normEps, transform }: FromTorchvisionOptions,
): Promise<GeneralizedRCNN> {
  const { type, architecture } = architectureNamed(name);
  const options = {
    ...architecture.options,
    classes: classes ?? defaultClasses(stateDict, architecture),
  };
  const config = type.resolve(options, { pretrained: true });
  config.transform = { ...config.transform, ...transform };
  if (normEps !== undefined) config.backbone = { ...config.backbone, normEps };
  const detector = buildDetector(type, config, { caller: 'fromTorchvision', pretrained: true });
  try {
    const given = withModernKeys(stateDict, architecture);
    const names = new Map<string, string>(); // key → the detector's own
    const expected: StateDict = new Map();
    for (const [own, tensor] of await detector.stateDict()) {
      names.set(architecture.keyOf(own), own);
      expected.set(architecture.keyOf(own), tensor);
    }
    compare(name, expected, given);
    assertFinite(given, 'fromTorchvision: the weights');
    detector.load(new Map([...given].map(([key, tensor]) => [names.get(key)!, tensor])));
  } catch (error) {
    detector.dispose();
    throw error;
  }
  return detector;
}

function kinds(): AnyDetectorType[] {
  return Object.values(DETECTORS) as unknown as AnyDetectorType[];
}

function architectureNamed(name: string): { type: AnyDetectorType; architecture: Architecture } {
  for (const type of kinds()) {
    const architecture = Object.entries(type.architectures ?? {}).find(([known]) => known === name)?.[1];
    if (architecture) return { type, architecture };
  }
  throw new RangeError(
    `fromTorchvision: architecture must be one of ${torchvisionArchitectures().join(', ')}, got ${JSON.stringify(name)}`,
  );
}

function defaultClasses(stateDict: StateDict, { classCount }: Architecture): readonly string[] {
  const count = (stateDict.get(classCount)?.shape[0] ?? COCO_CLASSES.length + 1) - 1; // a missing key is told with all others
  if (count === COCO_CLASSES.length) return COCO_CLASSES;
  throw new RangeError(
    `fromTorchvision: classes must be given: the weights are for ${count} classes and background, COCO has ${COCO_CLASSES.length}`,
  );
}

/** Without the counts of how often a batch norm was trained. */
function withModernKeys(stateDict: StateDict, { modernized }: Architecture): StateDict {
  const used = [...stateDict].filter(([key]) => !key.endsWith('.num_batches_tracked'));
  return new Map(used.map(([key, tensor]) => [modernized(key), tensor]));
}

/** One error about all that does not fit. */
function compare(name: string, expected: StateDict, given: StateDict): void {
  const missing = [...expected.keys()].filter((key) => !given.has(key));
  const unexpected = [...given.keys()].filter((key) => !expected.has(key));
  const misshaped = [...given].flatMap(([key, { shape }]) => {
    const wanted = expected.get(key)?.shape ?? shape;
    return wanted.join() === shape.join()
      ? []
      : [`${key} is [${shape.join(', ')}], expected [${wanted.join(', ')}]`];
  });
  const faults =
    list('missing', missing) + list('unexpected', unexpected) + list('of another shape', misshaped);
  if (faults) {
    throw new RangeError(
      `fromTorchvision: the weights are not those of ${name}:${faults}\n  give the architecture that they were made with`,
    );
  }
}

function list(title: string, keys: readonly string[]): string {
  const shown = keys.slice(0, 10).join(', ') + (keys.length > 10 ? ', …' : '');
  return keys.length > 0 ? `\n  ${title} (${keys.length}): ${shown}` : '';
}
