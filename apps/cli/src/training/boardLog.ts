import type { TrainEvent } from '@roikit/detectors';
import type { BoardEvent } from '../tensorboard/encodeEvent';
import { EventFile } from '../tensorboard/eventFile';

type Of<Type extends TrainEvent['type']> = Extract<TrainEvent, { type: Type }>;

/** Losses, learning rate and scores of a run as TensorBoard shows them; steps are counted over all epochs. */
export class BoardLog {
  private readonly folder: string;
  private file: EventFile | undefined;
  private stepsPerEpoch = 0;
  private restart = false;

  constructor(folder: string) {
    this.folder = folder;
  }

  write(event: TrainEvent): void {
    if (event.type === 'start') {
      this.stepsPerEpoch = event.stepsPerEpoch;
      this.restart = event.resumed;
    } else if (event.type === 'step') this.step(event);
    else if (event.type === 'epoch') this.epoch(event);
  }

  private step({ epoch, step, losses, learningRate }: Of<'step'>): void {
    const number = (epoch - 1) * this.stepsPerEpoch + step;
    // A run that was killed does its last steps again.
    if (this.restart) this.append({ step: number, restart: true });
    this.restart = false;
    this.append({ step: number, scalars: { ...under('loss', losses), learning_rate: learningRate } });
  }

  private epoch({ epoch, losses, score, validation }: Of<'epoch'>): void {
    const scores = {
      ...(score !== undefined && { score }),
      ...(validation && measuredOnly(validation.coco.stats)),
    };
    const scalars = { ...under('epoch_loss', losses), ...under('validation', scores) };
    this.append({ step: epoch * this.stepsPerEpoch, scalars });
  }

  private append(event: Omit<BoardEvent, 'wallTime'>): void {
    this.file ??= new EventFile(this.folder);
    this.file.append({ wallTime: Date.now() / 1000, ...event });
  }
}

function under(group: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}/${name}`, value]));
}

/** COCO's numbers without those that nothing was measured for, which are −1. */
function measuredOnly(stats: object): Record<string, number> {
  return Object.fromEntries((Object.entries(stats) as [string, number][]).filter(([, value]) => value >= 0));
}
