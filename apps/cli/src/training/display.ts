import type { TrainEvent } from '@roikit/detectors';
import { count, duration } from '../format';
import { oneLine } from '../report/printReport';
import { pc } from '../terminal/color';
import { note, warn } from '../terminal/print';
import { Progress } from '../terminal/progress';

type Of<Type extends TrainEvent['type']> = Extract<TrainEvent, { type: Type }>;

/** Draws a training run from its events: a bar for what is under way, a line for every epoch that is done. */
export class TrainDisplay {
  private bar: Progress | undefined;
  private barTitle = '';
  private epochs = 0;
  private epochStarted = performance.now();
  /** Exponential means, milliseconds: they follow a machine that others use too. */
  private stepTime = 0;
  private validationTime = 0;
  private validationStarted = 0;

  show(event: TrainEvent): void {
    switch (event.type) {
      case 'start':
        return this.start(event);
      case 'progress':
        return this.progress(event.task, event.done, event.total);
      case 'step':
        return this.step(event);
      case 'validation':
        if (event.done === 1) this.validationStarted = performance.now();
        return this.progress('validating', event.done, event.total);
      case 'epoch':
        return this.epoch(event);
      case 'skipped':
        return this.aside(() => warn(event.reason));
      case 'earlyStop':
        return this.aside(() =>
          note(`Stopped early: AP50 has not risen since epoch ${event.best}, whose weights are kept.`),
        );
      case 'stopped':
      case 'done':
        return this.stop();
      case 'checkpoint':
    }
  }

  /** Takes the bar off the screen. */
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
    this.barTitle = '';
  }

  private start({ epoch, epochs, resumed }: Of<'start'>): void {
    this.stop();
    this.epochs = epochs;
    this.epochStarted = performance.now();
    if (resumed) note(goingOn(epoch, epochs));
  }

  private step({ epoch, step, stepsPerEpoch, losses, milliseconds }: Of<'step'>): void {
    this.stepTime = this.stepTime === 0 ? milliseconds : 0.95 * this.stepTime + 0.05 * milliseconds;
    const epochsAfter = this.epochs - epoch;
    const stepsLeft = stepsPerEpoch - step + epochsAfter * stepsPerEpoch;
    const left = stepsLeft * this.stepTime + (epochsAfter + 1) * this.validationTime;
    this.progress(`epoch ${epoch}/${this.epochs}`, step, stepsPerEpoch, { note: lossText(losses), left });
  }

  private epoch({ epoch, epochs, losses, validation, best }: Of<'epoch'>): void {
    if (validation) this.validationTime = performance.now() - this.validationStarted;
    const took = duration(performance.now() - this.epochStarted);
    this.epochStarted = performance.now();
    const parts = [
      `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`,
      lossText(losses),
      validation ? oneLine(validation) + (best ? pc.green(' best') : '') : '',
      pc.dim(took),
    ];
    this.aside(() => note(parts.filter((part) => part !== '').join('  ')));
  }

  private progress(
    title: string,
    done: number,
    total: number,
    about: { note?: string; left?: number } = {},
  ): void {
    if (title !== this.barTitle) {
      this.stop();
      this.bar = new Progress({ title, total });
      this.barTitle = title;
    }
    this.bar?.update(done, about);
  }

  /** Prints above the bar. */
  private aside(print: () => void): void {
    this.stop();
    print();
  }
}

/** `loss 0.412 = classification 0.250 + box regression 0.162` */
function lossText({ total, ...terms }: Of<'step'>['losses']): string {
  const parts = Object.entries(terms).map(([name, value]) => `${words(name)} ${value.toFixed(3)}`);
  return `loss ${total.toFixed(3)} ${pc.dim(`= ${parts.join(' + ')}`)}`;
}

/** `boxRegression` → `box regression` */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Where a resumed run is: the epoch may have been left in its middle. */
export function goingOn(finished: number, epochs: number): string {
  return finished < epochs
    ? `Going on in epoch ${finished + 1} of ${epochs}.`
    : `Going on after ${count(epochs, 'epoch')}.`;
}
