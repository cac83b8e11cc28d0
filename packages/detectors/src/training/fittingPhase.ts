import type { Boxes, GroundTruth } from '@roikit/geometry';
import { FeatureNorm } from '@roikit/heads';
import type { Phase, PhaseContext, PhaseEntry } from '@roikit/training';
import type { StateDict, StateTensor } from '@roikit/weights';
import type { TrainData } from '../detectorType';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import type { DetectorParts, RegionHead } from '../parts';
import type * as tf from '@tensorflow/tfjs-core';
import type { TrainEvent } from '../types';

/** A detector whose head has what is fitted. */
export type Fitted<Head> = GeneralizedRCNN<DetectorParts & { head: RegionHead & Head }>;

/** What is fitted from region features, image after image. */
export interface Fitting {
  passes: readonly FittingPass[];
  /** Puts what was fitted into the detector. */
  finish(): void;
  /** All that was gathered. */
  state(): StateDict;
  restore(state: StateDict): void;
}

export interface FittingPass {
  /** What progress events call it. */
  task: string;
  /** Images it looks at. @default all */
  images?: number;
  learn(image: FittingImage): Promise<void>;
}

export interface FittingImage {
  truth: GroundTruth;
  proposals: Boxes;
  /** What the linear machines see of boxes, `[R, D]`. */
  read(boxes: Boxes): Promise<Float32Array>;
}

/** Where a fitting's features come from. */
export interface FittingSource {
  detector: GeneralizedRCNN;
  data: TrainData;
  /** Region features → what the linear machines see, `[R, D]`. */
  inputs(features: tf.Tensor): tf.Tensor2D;
}

/** Images between two checkpoints of a pass. */
const SAVE_EVERY = 200;

/** A phase without gradients: passes over the images, then a solution. Memory is what the fitting gathers. */
export function fittingPhase(name: string, source: FittingSource, create: () => Fitting): PhaseEntry<never> {
  return { name, create: () => new FittingPhase(name, source, create()) };
}

class FittingPhase implements Phase<never> {
  private readonly name: string;
  private readonly source: FittingSource;
  private readonly fitting: Fitting;
  /** The pass, and images of it that are done. */
  private position = { pass: 0, image: 0 };

  constructor(name: string, source: FittingSource, fitting: Fitting) {
    this.name = name;
    this.source = source;
    this.fitting = fitting;
  }

  async *run({
    signal,
    save,
  }: PhaseContext<never>): AsyncGenerator<TrainEvent & { type: 'progress' | 'checkpoint' }, boolean> {
    const { position, fitting } = this;
    const { data } = this.source;
    for (; position.pass < fitting.passes.length; position.pass++, position.image = 0) {
      const { task, images = Infinity, learn } = fitting.passes[position.pass] as FittingPass;
      const total = Math.min(images, data.table.indices.length);
      while (position.image < total) {
        if (signal?.aborted) {
          yield* save() as AsyncGenerator<never, void>;
          return false;
        }
        await this.look(data.table.indices[position.image] as number, learn);
        position.image++;
        yield { type: 'progress', phase: this.name, task, done: position.image, total };
        if (position.image % SAVE_EVERY === 0 || position.image === total)
          yield* save() as AsyncGenerator<never, void>;
        await new Promise((resolve) => setTimeout(resolve)); // lets signal handlers and timers run
      }
    }
    fitting.finish();
    return true;
  }

  async state(): Promise<StateDict> {
    const position = Int32Array.of(this.position.pass, this.position.image);
    return new Map([
      ...this.fitting.state(),
      ['position', { dtype: 'int32' as const, shape: [2], data: position }],
    ]);
  }

  restore(state: StateDict): void {
    const [pass, image] = state.get('position')!.data as Int32Array as unknown as [number, number];
    this.position = { pass, image };
    this.fitting.restore(state);
  }

  dispose(): void {}

  private async look(index: number, learn: FittingPass['learn']): Promise<void> {
    const { detector, data, inputs } = this.source;
    const { image, truth } = await data.dataset.get(index);
    const { context, dispose } = detector.contextOf(image);
    const read: FittingImage['read'] = async (boxes) => {
      const [rows] = await detector.readRegions(context, boxes, (features) => [inputs(features)]);
      return rows ?? new Float32Array(0);
    };
    try {
      await learn({ truth, proposals: data.table.proposals.get(index) as Boxes, read });
    } finally {
      dispose();
    }
  }
}

/** Numbers as one row of a file. */
export function row(data: Float64Array): StateTensor {
  return { dtype: 'float64', shape: [data.length], data };
}

/** What `row` packed. */
export function doubles(state: StateDict, name: string): Float64Array {
  return (state.get(name)!.data as Float64Array).slice();
}

/** R-CNN's code takes 200 boxes of each of 200 images; 2,000 norms give their mean to half a percent. */
const NORM = { images: 50, boxes: 40 };

/** Measures the mean norm of features, which C and λ are made for. */
export class NormFitting {
  norm = new FeatureNorm();
  readonly pass: FittingPass;

  constructor(dimensions: number) {
    this.pass = {
      task: 'feature norm',
      images: NORM.images,
      learn: async ({ proposals, read }) => {
        this.norm.add(await read(evenly(proposals, NORM.boxes)), dimensions);
      },
    };
  }

  state(): StateDict {
    return new Map([['norm', row(Float64Array.from(this.norm.state))]]);
  }

  restore(state: StateDict): void {
    this.norm = new FeatureNorm(doubles(state, 'norm') as unknown as [number, number]);
  }
}

/** At most `count` boxes, from all over the list. */
export function evenly(boxes: Boxes, count = Infinity): Boxes {
  const all = boxes.length / 4;
  if (all <= count) return boxes;
  return Float32Array.from(
    { length: 4 * count },
    (_, i) => boxes[4 * Math.floor(((i >> 2) * all) / count) + (i & 3)] as number,
  );
}
