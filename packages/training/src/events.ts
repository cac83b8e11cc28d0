/** Loss terms by name, and `total`, their sum: values of one step, or means over the steps of an epoch. */
export type Losses = { total: number } & Record<string, number>;

/**
 * What happens in a training run. Epochs and steps are counted from 1.
 *
 * `Report` is what a validation returns.
 */
export type TrainEvent<Report = unknown> =
  /** A phase begins, or is taken up after `epoch` finished epochs. */
  | { type: 'start'; phase: string; epoch: number; epochs: number; stepsPerEpoch: number; resumed: boolean }
  /** Work without steps, such as proposals of all pictures. */
  | { type: 'progress'; phase: string; task: string; done: number; total: number }
  | {
      type: 'step';
      phase: string;
      epoch: number;
      epochs: number;
      step: number;
      stepsPerEpoch: number;
      losses: Losses;
      learningRate: number;
      milliseconds: number;
    }
  | { type: 'validation'; phase: string; epoch: number; done: number; total: number }
  /** An epoch has ended; `score` and `validation` where it was validated, `best` where no score was higher. */
  | {
      type: 'epoch';
      phase: string;
      epoch: number;
      epochs: number;
      losses: Losses;
      score?: number;
      validation?: Report;
      best: boolean;
    }
  /** The score has not risen for `patience` validations: the phase ends with the weights of epoch `best`. */
  | { type: 'earlyStop'; phase: string; epoch: number; best: number }
  | { type: 'checkpoint'; phase: string }
  /** A bad sample was left out; reported once. */
  | { type: 'skipped'; id: string; reason: string }
  /** `signal` was aborted; the state is saved where there is a checkpoint. */
  | { type: 'stopped'; phase: string }
  | { type: 'done' };
