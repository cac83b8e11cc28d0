import type { ClassifierMetrics, TrainClassifierEvent } from '@roikit/classification';
import { duration } from '../format';
import { pc } from '../terminal/color';
import { note } from '../terminal/print';
import { Progress } from '../terminal/progress';
import { goingOn } from '../training/display';

type Of<Type extends TrainClassifierEvent['type']> = Extract<TrainClassifierEvent, { type: Type }>;

/** Draws a training run from its events: a bar for the epoch under way, a line for every one that is done. */
export class ClassifierDisplay {
  private readonly classes: number;
  private bar: Progress | undefined;
  private epochStarted = performance.now();

  constructor({ classes }: { classes: number }) {
    this.classes = classes;
  }

  show(event: TrainClassifierEvent): void {
    if (event.type === 'start') this.start(event);
    if (event.type === 'step') this.step(event);
    if (event.type === 'validation') this.validation(event);
    if (event.type === 'epoch') this.epoch(event);
  }

  /** Takes the bar off the screen. */
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private start({ epoch, epochs, resumed }: Of<'start'>): void {
    this.epochStarted = performance.now();
    if (resumed) note(goingOn(epoch, epochs));
  }

  private step({ epoch, epochs, step, stepsPerEpoch, losses }: Of<'step'>): void {
    this.bar ??= new Progress({ title: `epoch ${epoch}/${epochs}`, total: stepsPerEpoch });
    this.bar.update(step, { note: `loss ${losses.total.toFixed(3)}` });
    if (step === stepsPerEpoch) this.stop();
  }

  private validation({ done, total }: Of<'validation'>): void {
    this.bar ??= new Progress({ title: 'validating', total });
    this.bar.update(done);
  }

  private epoch({ epoch, epochs, losses, validation }: Of<'epoch'>): void {
    this.stop();
    const took = duration(performance.now() - this.epochStarted);
    this.epochStarted = performance.now();
    const parts = [
      `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`,
      `loss ${losses.total.toFixed(3)}`,
      validation ? accuracyLine(validation, this.classes) : '',
      pc.dim(took),
    ];
    note(parts.filter((part) => part !== '').join('  '));
  }
}

/** `top-1 63.0 %  top-5 89.0 %`; of five classes and fewer the first five always hold the right one. */
export function accuracyLine({ top1, top5, loss }: ClassifierMetrics, classes: number): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const parts = [`top-1 ${percent(top1)}`, classes > 5 ? `top-5 ${percent(top5)}` : ''];
  return [...parts, pc.dim(`validation loss ${loss.toFixed(3)}`)].filter((part) => part !== '').join('  ');
}
