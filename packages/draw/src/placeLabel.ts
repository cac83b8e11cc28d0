import type { ImageSize } from '@roikit/geometry';

export interface Rectangle extends ImageSize {
  x: number;
  y: number;
}

export interface PlaceOptions {
  /** What is labelled. */
  box: Rectangle;
  /** The label stays inside. */
  canvas: ImageSize;
  /** Labels that are there already. */
  taken: readonly Rectangle[];
  /** How far the frame's line reaches beyond the box, pixels. */
  overhang: number;
}

/**
 * A place for a label at one of its box's corners: the first that is free, else the one that hides least.
 * In order: above, inside at the top, below, inside at the bottom; left before right.
 */
export function placeLabel(size: ImageSize, { box, canvas, taken, overhang }: PlaceOptions): Rectangle {
  const left = box.x - overhang;
  const right = box.x + box.width + overhang - size.width;
  const above = box.y - overhang - size.height;
  const below = box.y + box.height + overhang;
  const rows = [above, box.y - overhang, below, below - size.height];
  const places = rows.flatMap((y) => [left, right].map((x) => clamp({ x, y, ...size }, canvas)));
  let best = places[0] as Rectangle;
  let least = Infinity;
  for (const place of places) {
    const hidden = taken.reduce((sum, other) => sum + intersection(place, other), 0);
    if (hidden < least) {
      best = place;
      least = hidden;
    }
  }
  return best;
}

function clamp(place: Rectangle, canvas: ImageSize): Rectangle {
  const x = Math.max(0, Math.min(place.x, canvas.width - place.width));
  const y = Math.max(0, Math.min(place.y, canvas.height - place.height));
  return { ...place, x, y };
}

function intersection(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}
