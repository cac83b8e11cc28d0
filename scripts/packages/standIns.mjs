// What stands for a reader's own things when the examples of the documents run: small, real, made here. What can't run is
// in the second table, with the reason; `npm run check:packages` prints both.

import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { check } from './checks.mjs';
import { node, root } from './run.mjs';

/** What examples name, and which of the things that makeStandIns.mjs makes lies there instead. */
const FILES = [
  [/\bdata\/cells\b/, 'data/cells', 'voc'],
  [/\bbccd\b/, 'bccd', 'voc'],
  [/\bpath\/to\/data\b/, 'path/to/data', 'yolo'],
  [/\bpath\/to\/test\b/, 'path/to/test', 'yolo'],
  [/\bflowers\b/, 'flowers', 'flowers'],
  [/(?<!-)\bphotos\b/, 'photos', 'photos'],
  [/\bnew-photos\b/, 'new-photos', 'photos'],
  [/\bphoto\.jpg\b/, 'photo.jpg', 'photos/a.jpg'],
  [/\bquery\.jpg\b/, 'query.jpg', 'photos/b.jpg'],
  [/\bscene\.png\b/, 'scene.png', 'scene.png'],
  [/\bsqueezenet1_1\.safetensors\b|imagenet/, 'squeezenet1_1.safetensors', 'squeezenet1_1.safetensors'],
  [/\bresnet18\.pth\b/, 'resnet18.pth', 'resnet18.safetensors'],
  [/\bresnet18-f37072fd\.pth\b/, 'resnet18-f37072fd.pth', 'resnet18.safetensors'],
  [/\bmobilenet_v2\.pth\b/, 'mobilenet_v2.pth', 'mobilenet_v2.safetensors'],
];

/** What is written otherwise, so that an example takes seconds and needs no network. */
const REPLACED = [
  [/--weights imagenet\b/g, '--weights squeezenet1_1.safetensors'],
  [/\broikit train /g, '$&--epochs 1 '],
  [/\broikit train-classifier /g, '$&--epochs 1 --batch 4 '],
  [/\bepochs: 30\b/g, 'epochs: 1, batch: 4'],
  [/\bepochs: \d+/g, 'epochs: 1'],
  [/'\/data\/pictures'/g, "'photos'"],
];

/** What can't run here, and why. TypeScript among it is still type-checked. */
const NOT_RUN = [
  [/document\./, 'needs a page; apps/demo and examples/page run such code in Chromium'],
  [/planNativeInstall|^npx roikit doctor --install-native/, "downloads TensorFlow's libraries"],
  [/\.\.\/shared|recipes\//, 'needs a data set that is not ours to publish, and an hour'],
  [
    /'redis:|--queue redis|redis-server|ROIKIT_QUEUE|\/shared\//,
    'needs a Redis server and other machines; packages/jobs/test starts them',
  ],
  [/s3:\/\//, 'needs a bucket; packages/jobs/test has a server for it'],
  [/https?:\/\/example/, 'takes a picture from the network'],
  [/fasterrcnn_resnet50_fpn|--(from|model) coco\b/, "needs torchvision's checkpoint of 160 MB"],
  [/--data digits/, 'trains or measures for minutes'],
  [/^npx tsx |^python3 /, 'a bench of this repository'],
  [/^npm (start|test|run)\b|http-server|^cd /, 'for a checkout; .ci/run and its tests do it'],
  [/localhost/, 'talks to the server of examples/server/README.md, where it runs'],
];

export const whyNotRun = (code) => NOT_RUN.find(([pattern]) => pattern.test(code))?.[1];

export const asRun = (code) => REPLACED.reduce((text, [pattern, by]) => text.replaceAll(pattern, by), code);

/** A project of its own makes all of them once. */
export const standInPackages = [
  '@roikit/datasets',
  '@roikit/image',
  '@roikit/geometry',
  '@roikit/backbones',
  '@roikit/weights',
  '@tensorflow/tfjs-core@4.22.0',
  '@tensorflow/tfjs-layers@4.22.0',
  '@tensorflow/tfjs-backend-cpu@4.22.0',
];

export async function makeStandIns(project, folder) {
  await cp(join(root, 'scripts/packages/makeStandIns.mjs'), join(project, 'makeStandIns.mjs'));
  return check("examples: what stands for a reader's data is made", () =>
    node(['makeStandIns.mjs', folder], { cwd: project }),
  );
}

/** Puts into a document's project what its text names. */
export async function placeStandIns(text, project, folder) {
  for (const [pattern, name, made] of FILES) {
    if (!pattern.test(text)) continue;
    await mkdir(dirname(join(project, name)), { recursive: true });
    await cp(join(folder, made), join(project, name), { recursive: true });
  }
}
