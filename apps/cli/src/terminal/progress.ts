import { SingleBar, type Options } from 'cli-progress';
import { Writable } from 'node:stream';
import { duration } from '../format';
import { pc, redraws } from './color';

/** Between lines where there is no terminal to redraw: a log of an hour stays under 400 lines. */
const LOG_INTERVAL_MS = 10_000;

/** To the line's start, and nothing on it. */
const CLEAR_LINE = '\r\u001b[K';

export interface ProgressOptions {
  title: string;
  total: number;
  /** How a number of things done is written. Default: its digits. */
  format?: (value: number) => string;
}

/** A bar with an estimate of the time left; plain lines now and then where stderr is not a terminal. */
export class Progress {
  private readonly bar: SingleBar;
  private readonly started = performance.now();
  private note = '';
  private readonly format: (value: number) => string;
  /** Milliseconds left, where the caller knows better than done / total. */
  private left: number | undefined;

  constructor({ title, total, format = String }: ProgressOptions) {
    this.format = format;
    const options: Options = {
      stream: redraws() ? process.stderr : withoutCursor(),
      noTTYOutput: true,
      notTTYSchedule: LOG_INTERVAL_MS,
      hideCursor: true,
      clearOnComplete: true,
      // Ctrl-C is the commands' business: they save first.
      gracefulExit: false,
      fps: 8,
      format: (_, { value, total: all }) => this.line(title, value, all),
    };
    this.bar = new SingleBar(options);
    this.bar.start(total, 0);
  }

  /** @param left milliseconds; estimated from what is done where absent */
  update(done: number, { note = '', left }: { note?: string; left?: number } = {}): void {
    this.note = note;
    this.left = left;
    this.bar.update(done);
  }

  /** Prints in place of the bar, which comes back below with its next change. */
  aside(print: () => void): void {
    if (redraws()) process.stderr.write(CLEAR_LINE);
    print();
  }

  /** Takes the bar off the screen. */
  stop(): void {
    this.bar.stop();
  }

  private line(title: string, done: number, total: number): string {
    const elapsed = performance.now() - this.started;
    const left = this.left ?? (done > 0 ? (elapsed / done) * (total - done) : undefined);
    const eta = left === undefined ? '' : `eta ${duration(left)}`;
    const all = this.format(total);
    const numbers = `${this.format(done).padStart(all.length)}/${all}`;
    const parts = [title, bar(done / Math.max(1, total)), numbers, pc.dim(eta), this.note];
    return parts.filter((part) => part !== '').join('  ');
  }
}

const BAR_WIDTH = 24;

function bar(fraction: number): string {
  const full = Math.round(Math.min(1, fraction) * BAR_WIDTH);
  return pc.cyan('━'.repeat(full)) + pc.dim('─'.repeat(BAR_WIDTH - full));
}

/** stderr as a stream that is no terminal: the bar then writes lines now and then, and moves no cursor (TERM=dumb). */
function withoutCursor(): NodeJS.WritableStream {
  return new Writable({
    write: (chunk: Uint8Array, _, done) => {
      process.stderr.write(chunk.toString());
      done();
    },
  });
}
