import inter from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';
import { expose, transfer } from 'comlink';
import type { Layers } from '../paint/layers';
import { paint, type View } from '../paint/paint';
import { toCanvas, type Pixels } from '../paint/pixels';

// Paints what the page shows: there no drawing waits for a GPU that computes, and none is long.

const pictures = new Map<number, OffscreenCanvas>();
const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext('2d')!;

/** The page's font for labels; a worker knows none but the system's until it loads it. */
const font = (async () => {
  const face = await new FontFace('Inter Variable', `url(${inter})`, { weight: '100 900' }).load();
  (self as unknown as { fonts: FontFaceSet }).fonts.add(face);
})().catch(() => undefined);

const api = {
  /**
   * @param surface what is painted on; its picture is kept until it is closed
   * @param picture where it is another than the surface has
   */
  async paint(
    surface: number,
    { picture, layers, view }: { picture?: Pixels; layers: Layers; view: View },
  ): Promise<ImageBitmap> {
    await font;
    if (picture) pictures.set(surface, toCanvas(picture));
    const own = pictures.get(surface)!;
    const pixels = (side: number) => Math.max(1, Math.round(side * view.scale * view.ratio));
    [canvas.width, canvas.height] = [pixels(own.width), pixels(own.height)];
    paint(context, own, layers, view);
    const painted = canvas.transferToImageBitmap();
    return transfer(painted, [painted]);
  },

  close(surface: number): void {
    pictures.delete(surface);
  },
};

export type PaintApi = typeof api;
expose(api);
