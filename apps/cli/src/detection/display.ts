import { inFlags } from '../errors';
import { count, milliseconds } from '../format';
import { print, warn } from '../terminal/print';
import { Progress } from '../terminal/progress';
import { streamedTable, widest, type StreamedTable } from '../terminal/streamedTable';
import type { PictureRecord, ResultRecord } from './record';

export interface DisplayOptions {
  sources: readonly string[];
  classes: readonly string[];
  score: number;
  /** Lines of JSON instead of a table. */
  json: boolean;
}

/** Shows results as they come: rows or lines of JSON on stdout, a bar and warnings on stderr. Keeps only counts. */
export class DetectDisplay {
  /** Pictures that were dealt with, and those that could not be. */
  pictures = 0;
  failed = 0;
  private objects = 0;
  private empty = 0;
  private time = 0;
  private readonly progress: Progress;
  private readonly table: StreamedTable;
  private readonly sources = new Set<string>();

  private readonly options: DisplayOptions;

  constructor(options: DisplayOptions) {
    const { sources, classes } = options;
    this.options = options;
    this.progress = new Progress({ title: 'detecting', total: sources.length });
    const numbers = ['x1', 'y1', 'x2', 'y2'].map((title) => ({ title, align: 'right' as const, width: 6 }));
    this.table = streamedTable([
      { title: 'picture', width: widest(sources) },
      { title: 'class', width: widest(classes) },
      { title: 'score', align: 'right', width: 5 },
      ...numbers,
    ]);
  }

  show(record: ResultRecord): void {
    this.sources.add(record.image);
    this.progress.aside(() => {
      if (this.options.json) print(JSON.stringify(record));
      if ('error' in record) warn(inFlags(record.error));
      else if (!this.options.json) this.printRows(record);
    });
    if ('error' in record) this.failed++;
    else this.count(record);
    this.progress.update(this.sources.size);
  }

  /** Takes the bar off the screen. */
  stop(): void {
    this.progress.stop();
  }

  printSummary(): void {
    if (this.options.json) return;
    const { objects, pictures, empty, time } = this;
    const each = pictures > 0 ? `, ${milliseconds(time / pictures)} ms a picture` : '';
    const without = empty > 0 ? `, nothing in ${empty.toLocaleString('en')} of them` : '';
    print(
      `${pictures > 0 ? '\n' : ''}${count(objects, 'object')} in ${count(pictures, 'picture')} (score at least ${this.options.score})${without}${each}`,
    );
  }

  private count({ detections, timings }: PictureRecord): void {
    this.pictures++;
    this.objects += detections.length;
    this.empty += Number(detections.length === 0);
    this.time += Object.values(timings).reduce((sum, value) => sum + value, 0);
  }

  private printRows({ image, frame, detections }: PictureRecord): void {
    if (this.pictures === 0) print(this.table.heading());
    const name = frame === undefined ? image : `${image} [${frame + 1}]`;
    if (detections.length === 0) print(this.table.row([name, '–']));
    for (const [i, { class: found, score, box }] of detections.entries()) {
      const numbers = box.map((value) => value.toFixed(1));
      print(this.table.row([i === 0 ? name : '', found, score.toFixed(3), ...numbers]));
    }
  }
}
