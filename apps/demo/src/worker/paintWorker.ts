import inter from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';
import { expose, transfer } from 'comlink';
import type { Layers } from '../paint/layers';
import { paint, type View } from '../paint/paint';
import { toCanvas, type Pixels } from '../paint/pixels';

// Paints what the page shows, so that neither a long painting nor the wait for a GPU that computes stops the page.

/** What a surface shows below its boxes. */
interface Ground {
  picture: OffscreenCanvas;
  /** The same in the size in which it was painted last. */
  sized?: OffscreenCanvas;
}

const grounds = new Map<number, Ground>();

/** The page's font for labels; a worker knows none but the system's until it loads it. */
const font = (async () => {
  const face = await new FontFace('Inter Variable', `url(${inter})`, { weight: '100 900' }).load();
  (self as unknown as { fonts: FontFaceSet }).fonts.add(face);
})().catch(() => undefined);

/** Without the GPU: it may be busy for long, and boxes over a picture are little work. */
const contextOf = (canvas: OffscreenCanvas) => canvas.getContext('2d', { willReadFrequently: true })!;

/** The picture as large as it is seen: pictures are large, and under the same one boxes come and go. */
function sized(ground: Ground, { scale, ratio }: View): OffscreenCanvas {
  const { picture } = ground;
  const pixels = (side: number) => Math.max(1, Math.round(side * scale * ratio));
  const [width, height] = [pixels(picture.width), pixels(picture.height)];
  if (ground.sized?.width === width && ground.sized.height === height) return ground.sized;
  ground.sized = new OffscreenCanvas(width, height);
  const context = contextOf(ground.sized);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  return ground.sized;
}

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
    if (picture) grounds.set(surface, { picture: toCanvas(picture) });
    const ground = sized(grounds.get(surface)!, view);
    const canvas = new OffscreenCanvas(ground.width, ground.height);
    paint(contextOf(canvas), ground, layers, view);
    const painted = canvas.transferToImageBitmap();
    return transfer(painted, [painted]);
  },

  close(surface: number): void {
    grounds.delete(surface);
  },
};

export type PaintApi = typeof api;
expose(api);
