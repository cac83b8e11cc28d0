// Makes, in the folder that is named, what stands for readers' data: scenes of digits as VOC and YOLO, pictures, a folder of
// classes, weights of networks. Runs where the packages are installed (standIns.mjs).

import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mobilenetV2, resnet18, squeezenet1_1, stateDictOf } from '@roikit/backbones';
import { digits } from '@roikit/datasets';
import { writeDataset } from '@roikit/datasets/node';
import { mulberry32 } from '@roikit/geometry';
import { cropImage } from '@roikit/image';
import { writeImage } from '@roikit/image/node';
import { writeSafetensors } from '@roikit/weights';
import '@tensorflow/tfjs-backend-cpu';

const folder = process.argv[2];
const random = mulberry32(1);
const scenes = digits({ count: 10, random });

/** Six scenes to train on, two to look at under way, two for the test; VOC has `trainval` besides. */
async function writeScenes(format) {
  const parts = { train: [0, 6], val: [6, 8], test: [8, 10] };
  for (const [split, [start, end]] of Object.entries(parts)) {
    const part = {
      ...scenes,
      length: end - start,
      id: (i) => scenes.id(start + i),
      get: (i) => scenes.get(start + i),
    };
    const writing = writeDataset(part, join(folder, format), { format, split });
    while (!(await writing.next()).done);
  }
  if (format !== 'voc') return;
  const list = (split) => join(folder, 'voc/ImageSets/Main', `${split}.txt`);
  for (const split of ['train', 'val']) await appendFile(list('trainval'), await readFile(list(split)));
}

async function writePhotos() {
  for (const [i, name] of ['photos/a.jpg', 'photos/b.jpg', 'scene.png'].entries())
    await writeFileOf((await scenes.get(i)).image, name);
}

/** Two classes of a few pictures: one digit a picture. */
async function writeFlowers() {
  const { image } = await scenes.get(0);
  for (const [c, name] of ['daisy', 'rose'].entries())
    for (let i = 0; i < 5; i++)
      await writeFileOf(
        cropImage(image, { left: 20 * i, top: 100 * c, width: 96, height: 80 }),
        `flowers/${name}/${i}.jpg`,
      );
}

async function writeFileOf(image, name) {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeImage(file, image);
}

/** Networks as they are before they have learned anything: the names and sizes of the published files. */
async function writeWeights() {
  for (const [name, build] of Object.entries({ squeezenet1_1, resnet18, mobilenet_v2: mobilenetV2 }))
    await writeFile(
      join(folder, `${name}.safetensors`),
      writeSafetensors(await stateDictOf(build({ random }))),
    );
}

await writeScenes('voc');
await writeScenes('yolo');
await writePhotos();
await writeFlowers();
await writeWeights();
