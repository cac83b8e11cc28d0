import { digits, subset, type Dataset } from '@roikit/datasets';
import { packDetector, train, type DetectorFiles, type TrainEvent } from '@roikit/detectors';
import { mulberry32 } from '@roikit/geometry';
import { toRgb } from '@roikit/image';
import { expose } from 'comlink';
import { setBase } from './assets';
import { startEngine, type EngineChoice } from './engine';
import { makeLearner } from './makeLearner';
import type { TrainNews, TrainSetup } from './protocol';

/** Scenes that a detector of digits is measured on after every epoch. */
const VALIDATION_SCENES = 8;

let running = new AbortController();

const api = {
  async start(base: string, engine: EngineChoice): Promise<void> {
    setBase(base);
    await startEngine(engine);
  },

  /** Trains until it is done or stopped; what comes back is what has been learned until then. */
  async train(setup: TrainSetup, tell: (news: TrainNews) => void): Promise<DetectorFiles> {
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
      return await packDetector(detector, {
        dtype: 'float16',
        metrics: score === undefined ? undefined : { ap50: score },
        provenance: {
          made: 'in the page',
          data: learning.name,
          images: learning.length,
          epochs: setup.epochs,
        },
      });
    } finally {
      detector.dispose();
    }
  },

  stop(): void {
    running.abort();
  },
};

function dataOf({ scenes, side, samples, classes, seed }: TrainSetup): {
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
    length: samples.length,
    id: String,
    get: async (index) => ({
      id: String(index),
      image: toRgb(samples[index]!.image),
      truth: samples[index]!.truth!,
    }),
  };
  // Of five pictures or more every fifth is kept to measure with; of fewer, all are for both.
  const held = Array.from(samples.keys()).filter((i) => samples.length >= 5 && i % 5 === 4);
  if (held.length === 0) return { learning: all, validation: all };
  const rest = Array.from(samples.keys()).filter((i) => !held.includes(i));
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
