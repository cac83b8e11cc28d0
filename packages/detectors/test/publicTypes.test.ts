// What TypeScript makes of the calls that users write first. `npm run typecheck` is what tries these.

import type { squeezenet1_1 } from '@roikit/backbones';
import type { Dataset } from '@roikit/datasets';
import type { FileDataset, openDataset } from '@roikit/datasets/node';
import type { boxIou, Boxes, Detections, nms } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expectTypeOf, test } from 'vitest';
import type {
  createDetector,
  evaluate,
  FasterRCNN,
  FastRCNN,
  GeneralizedRCNN,
  loadDetector,
  Rcnn,
  Report,
  TimedDetections,
  train,
  TrainEvent,
} from '../src';
import type { loadDetector as loadFolder } from '../src/node';

type Of<Type extends TrainEvent['type']> = Extract<TrainEvent, { type: Type }>;

test('boxes and suppression are flat arrays', () => {
  expectTypeOf<Boxes>().toEqualTypeOf<Float32Array>();
  expectTypeOf<typeof boxIou>().toEqualTypeOf<(a: Boxes, b: Boxes) => Float32Array>();
  expectTypeOf<typeof nms>().parameters.toEqualTypeOf<
    [Boxes, Float32Array, { iouThreshold: number; maxOutput?: number }]
  >();
  expectTypeOf<typeof nms>().returns.toEqualTypeOf<Int32Array>();
  expectTypeOf<Detections>().toEqualTypeOf<{ boxes: Boxes; scores: Float32Array; labels: Int32Array }>();
});

test("createDetector's kind says which detector, and which options", () => {
  type Options = Parameters<typeof createDetector>[0];
  expectTypeOf<typeof createDetector<'fast-rcnn'>>().returns.toEqualTypeOf<FastRCNN>();
  expectTypeOf<typeof createDetector<'faster-rcnn'>>().returns.toEqualTypeOf<FasterRCNN>();
  expectTypeOf<typeof createDetector<'rcnn'>>().returns.toEqualTypeOf<Rcnn>();
  expectTypeOf<{
    type: 'fast-rcnn';
    classes: ['cell'];
    backbone: { name: 'squeezenet1_1' };
    random: () => number;
  }>().toExtend<Options>();
  // @ts-expect-error there is no such kind
  expectTypeOf<{ type: 'yolo'; classes: ['cell']; random: () => number }>().toExtend<Options>();
});

test('every detector detects: one image or several', () => {
  expectTypeOf<FastRCNN>().toExtend<GeneralizedRCNN>();
  expectTypeOf<typeof loadDetector>().returns.resolves.toEqualTypeOf<GeneralizedRCNN>();
  expectTypeOf<typeof loadFolder>().parameters.toEqualTypeOf<[folder: string]>();
  const detect = (detector: GeneralizedRCNN, image: RgbImage) => ({
    one: detector.detect(image, { scoreThreshold: 0.5, maxDetections: 10, nmsThreshold: 0.3 }),
    several: detector.detect([image]),
  });
  expectTypeOf(detect).returns.toEqualTypeOf<{
    one: Promise<TimedDetections>;
    several: Promise<TimedDetections[]>;
  }>();
  expectTypeOf<TimedDetections>().toExtend<Detections>();
});

test("train's events are told apart by type; evaluate returns its report", () => {
  expectTypeOf<typeof train>().returns.toEqualTypeOf<AsyncGenerator<TrainEvent>>();
  expectTypeOf<TrainEvent['type']>().toEqualTypeOf<
    | 'start'
    | 'progress'
    | 'step'
    | 'validation'
    | 'epoch'
    | 'earlyStop'
    | 'checkpoint'
    | 'skipped'
    | 'stopped'
    | 'done'
  >();
  expectTypeOf<Of<'step'>['losses']['total']>().toEqualTypeOf<number>();
  expectTypeOf<Of<'epoch'>['validation']>().toEqualTypeOf<Report | undefined>();
  expectTypeOf<Of<'skipped'>>().toEqualTypeOf<{ type: 'skipped'; id: string; reason: string }>();
  type Returned<Run> = Run extends AsyncGenerator<unknown, infer Value> ? Value : never;
  expectTypeOf<Returned<ReturnType<typeof evaluate>>>().toEqualTypeOf<Report>();
});

test('a data set from disk is one that train takes, and knows its problems', () => {
  expectTypeOf<typeof openDataset>().returns.resolves.toEqualTypeOf<FileDataset>();
  expectTypeOf<FileDataset>().toExtend<Dataset>();
  expectTypeOf<FileDataset['problems'][number]>().toExtend<Error>();
  expectTypeOf<typeof train>().parameter(1).toEqualTypeOf<Dataset>();
});

test('a backbone is a LayersModel, and all its options may be left out', () => {
  expectTypeOf<typeof squeezenet1_1>().toBeCallableWith();
  expectTypeOf<typeof squeezenet1_1>().returns.toEqualTypeOf<LayersModel>();
  expectTypeOf<typeof squeezenet1_1>().toBeCallableWith({ inputShape: [224, 224, 3], numClasses: 3 });
});
