import { digits, subset, type Dataset } from '@roikit/datasets';
import { packDetector, train, type DetectorFiles, type TrainEvent } from '@roikit/detectors';
import { mulberry32 } from '@roikit/geometry';
import { toRgb } from '@roikit/image';
import { expose } from 'comlink';
import { zipSync } from 'fflate';
import { setBase } from './assets';
import { startEngine, type EngineChoice } from './engine';
import { makeLearner } from './makeLearner';
import type { SampleData, TrainNews, TrainSetup } from './protocol';

/** Scenes that a detector of digits is measured on after every epoch. */
const VALIDATION_SCENES = 8;

const given: SampleData[] = [];
let running = new AbortController();

const api = {
  async start(base: string, engine: EngineChoice): Promise<void> {
    setBase(base);
    await startEngine(engine);
  },

  /** A picture of one's own to learn from: one by one, so that no message is long. */
  give(sample: SampleData): void {
    given.push(sample);
  },

  /** Trains until it is done or stopped; what comes back, a zip, is what has been learned until then. */
  async train(setup: TrainSetup, tell: (news: TrainNews) => void): Promise<Blob> {
    running = new AbortController();
    const random = mulberry32(setup.seed);
    const { learning, validation } = dataOf(setup);
    const detector = await makeLearner({ ...setup, classes: learning.classes, random });
    let score: number | undefined;
    try {
      const run = train(detector, learning, {
        epochs: setup.epochs,
        validation,
        signal: running.signal,
        // A digit in a mirror is none.
        augment: setup.scenes ? { horizontalFlip: 0 } : {},
        random,
      });
      for await (const event of run) {
        const news = newsOf(event);
        if (news?.type === 'epoch') score = news.score ?? score;
        if (news) tell(news);
        await new Promise((resolve) => setTimeout(resolve)); // lets "stop" in
      }
      const files = await packDetector(detector, {
        dtype: 'float16',
        metrics: score === undefined ? undefined : { ap50: score },
        provenance: {
          made: 'in the page',
          data: learning.name,
          images: learning.length,
          epochs: setup.epochs,
        },
      });
      return zipped(files);
    } finally {
      detector.dispose();
    }
  },

  stop(): void {
    running.abort();
  },
};

/** A detector's folder as a zip. */
function zipped(files: DetectorFiles): Blob {
  const folder = Object.entries(files).map(([name, bytes]) => [`detector/${name}`, bytes]);
  const zip = zipSync(Object.fromEntries(folder), { level: 0 });
  return new Blob([zip as BlobPart], { type: 'application/zip' });
}

function dataOf({ scenes, side, classes, seed }: TrainSetup): {
  learning: Dataset;
  validation: Dataset;
} {
  if (scenes) {
    const random = mulberry32(seed);
    return {
      learning: digits({ count: scenes, size: side, random }),
      validation: digits({ count: VALIDATION_SCENES, size: side, split: 'test', random }),
    };
  }
  const all: Dataset = {
    name: 'own pictures',
    classes,
    length: given.length,
    id: String,
    get: async (index) => ({
      id: String(index),
      image: toRgb(given[index]!.image),
      truth: given[index]!.truth!,
    }),
  };
  // Of five pictures or more every fifth is kept to measure with; of fewer, all are for both.
  const held = Array.from(given.keys()).filter((i) => given.length >= 5 && i % 5 === 4);
  if (held.length === 0) return { learning: all, validation: all };
  const rest = Array.from(given.keys()).filter((i) => !held.includes(i));
  return { learning: subset(all, rest), validation: subset(all, held) };
}

/** What the page shows of an event. */
function newsOf(event: TrainEvent): TrainNews | undefined {
  switch (event.type) {
    case 'progress':
      return { type: 'progress', done: event.done, total: event.total };
    case 'step':
      return {
        type: 'step',
        loss: event.losses.total,
        done: (event.epoch - 1) * event.stepsPerEpoch + event.step,
        total: event.epochs * event.stepsPerEpoch,
        phase: event.phase,
        milliseconds: event.milliseconds,
      };
    case 'epoch':
      return { type: 'epoch', epoch: event.epoch, loss: event.losses.total, score: event.score };
    default:
      return undefined;
  }
}

export type TrainApi = typeof api;
expose(api);
