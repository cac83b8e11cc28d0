import { wrap } from 'comlink';
import { problem } from '../state/session';
import type { PaintApi } from '../worker/paintWorker';
import type { Layers } from './layers';
import type { View } from './paint';
import type { Pixels } from './pixels';

const worker = new Worker(new URL('../worker/paintWorker.ts', import.meta.url), { type: 'module' });
worker.addEventListener('error', ({ message }) => (problem.value = message || 'Painting did not start.'));
const painter = wrap<PaintApi>(worker);

/** A picture with what is painted over it. */
export interface Painting {
  picture: Pixels;
  layers: Layers;
  view: View;
}

let made = 0;

/** A canvas that shows what the paint worker paints. Of paintings that come faster than that, the last counts. */
export class Surface {
  private readonly id = made++;
  private readonly canvas: HTMLCanvasElement;
  private readonly context: ImageBitmapRenderingContext;
  private next: Painting | undefined;
  private sent: Pixels | undefined;
  private isAtWork = false;
  private isClosed = false;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.context = canvas.getContext('bitmaprenderer')!;
  }

  show(painting: Painting): void {
    this.next = painting;
    if (!this.isAtWork) void this.work();
  }

  close(): void {
    this.isClosed = true;
    void painter.close(this.id);
  }

  private async work(): Promise<void> {
    this.isAtWork = true;
    this.canvas.ariaBusy = 'true';
    while (this.next && !this.isClosed) {
      const { picture, layers, view } = this.next;
      this.next = undefined;
      const isNew = picture !== this.sent;
      this.sent = picture;
      const bitmap = await painter.paint(this.id, { picture: isNew ? picture : undefined, layers, view });
      if (this.isClosed) bitmap.close();
      else this.put(bitmap);
    }
    this.isAtWork = false;
    this.canvas.ariaBusy = 'false';
  }

  private put(bitmap: ImageBitmap): void {
    // A bitmap does not change the size of the canvas, by which the page lays it out.
    const { width, height } = bitmap;
    if (this.canvas.width !== width || this.canvas.height !== height)
      Object.assign(this.canvas, { width, height });
    this.context.transferFromImageBitmap(bitmap);
  }
}
