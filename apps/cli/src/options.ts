import { InvalidArgumentError, Option } from 'commander';

/** A whole number of at least `min`. */
export function integer({ min }: { min: number }): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < min) {
      throw new InvalidArgumentError(`It must be a whole number of at least ${min}.`);
    }
    return value;
  };
}

/** A number in (0, ∞). */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** A score: a probability, or an SVM's margin, which may be any number. */
function score(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** A number in [0, 1]. */
export function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It must be between 0 and 1.');
  return value;
}

/** `a,b,c` → names without the space around them. */
export function names(text: string): string[] {
  const list = text.split(',').map((name) => name.trim());
  if (list.includes(''))
    throw new InvalidArgumentError('It must be names with commas between, such as cat,dog.');
  return list;
}

/** Options that several commands share: the same words mean the same everywhere. */
export const shared = {
  engine: () =>
    new Option('--engine <name>', 'where to compute')
      .choices(['auto', 'tensorflow', 'webgpu', 'wasm', 'cpu'])
      .default('auto'),
  format: () =>
    new Option('--format <name>', 'annotation format').choices([
      'auto',
      'voc',
      'coco',
      'yolo',
      'labelme',
      'cvat',
    ]),
  images: () => new Option('--images <folder>', 'where the pictures are, if not where they are looked for'),
  annotations: () =>
    new Option('--annotations <folder>', 'where the annotations are, if not where they are looked for'),
  classes: () =>
    new Option(
      '--classes <names>',
      'class list, in order of the labels; found in the data by default',
    ).argParser(names),
  weightsClasses: () =>
    new Option(
      '--classes <names>',
      "class list, in order of the labels; default: COCO's, where the weights have as many",
    ).argParser(names),
  onlyClasses: () => new Option('--classes <names>', "only these of the detector's classes").argParser(names),
  score: () =>
    new Option(
      '--score <x>',
      'leave out detections below this score; default: 0.5, for the margins of SVMs 0',
    ).argParser(score),
  max: () =>
    new Option('--max <n>', "at most this many a picture; default: the detector's own limit").argParser(
      integer({ min: 1 }),
    ),
  iou: () =>
    new Option(
      '--iou <x>',
      "two detections of a class overlap by no more; default: soft-NMS, or what the detector's own settings say",
    ).argParser(fraction),
  maxPixels: () =>
    new Option('--max-pixels <n>', 'refuse pictures with more pixels; default: 100 million').argParser(
      integer({ min: 1 }),
    ),
  strict: () => new Option('--strict', 'let a bad sample end the run instead of being skipped and counted'),
  cache: () =>
    new Option('--cache <folder>', "where proposals are kept; default: your system's cache folder"),
  out: (fallback: string) => new Option('--out <folder>', `where to write; default: ${fallback}`),
  source: () =>
    new Option(
      '--source <name>',
      'whose names the weights carry; default: timm for hf:timm/…, else torchvision',
    ).choices(['torchvision', 'timm', 'keras']),
  architecture: (known: readonly string[]) =>
    new Option('--architecture <name>', "torchvision's name of the detector").choices(known),
  normEps: () =>
    new Option(
      '--norm-eps <x>',
      "epsilon of the backbone's batch norms, if the detector did not start from torchvision's COCO weights: 1e-5",
    ).argParser(fraction), // some were made with 0
  workers: () =>
    new Option(
      '--workers <n>',
      'pictures at a time, a thread each: all are done sooner, but one takes longer than it would alone',
    )
      .argParser(integer({ min: 1 }))
      .default(1),
  json: () => new Option('--json', 'print JSON instead of a table'),
};
