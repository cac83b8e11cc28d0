import { leastScores, unpackDetector } from '@roikit/detectors';
import { openStorage, serveShards } from '@roikit/jobs/node';
import { availableParallelism } from 'node:os';
import { detectSources } from '../detection/detectSources';
import { labelsNamed } from '../detection/labels';
import { toErrorRecord, toRecord } from '../detection/record';
import { orDamaged } from '../detector/openDetector';
import { engineLine, startEngine } from '../engine/startEngine';
import { modelLocation, readModel } from './model';
import type { JobSettings } from './settings';

/** What a worker tells its children. */
export interface ChildInit {
  /** The run's. */
  folder: string;
  /** Where its pictures are on this machine. */
  root?: string;
  engine: string;
  settings: JobSettings;
}

serveShards<ChildInit>(async ({ folder, root, engine: name, settings }) => {
  const engine = await startEngine(name);
  const storage = await openStorage(folder);
  const detector = await orDamaged(modelLocation(storage), readModel(storage).then(unpackDetector));
  const { classes } = detector.config;
  const {
    score: scoreThreshold = leastScores(detector).shown,
    max: maxDetections,
    iou: nmsThreshold,
    maxPixels,
  } = settings;
  const labels = settings.classes && labelsNamed(settings.classes, classes);
  // Times differ from run to run; parts must not.
  const options = { scoreThreshold, maxDetections, nmsThreshold, maxPixels, labels, exactTimings: false };
  const isOneThread = engine.name === 'wasm' || engine.name === 'cpu';
  return {
    storage,
    root,
    detail: engineLine(engine),
    slots: isOneThread ? availableParallelism() : 1,
    async *work(source) {
      for await (const found of detectSources([source], detector, options)) {
        const { image: _image, ...record } =
          'error' in found ? toErrorRecord(found) : toRecord(found, classes);
        if ('timings' in record) delete (record as { timings?: unknown }).timings;
        yield record;
      }
    },
  };
});
