import { placeLabel, textColorOn, type Rectangle } from '@roikit/draw';
import type { DrawnBox, Layers } from './layers';
import { toCanvas } from './pixels';

const FONT = '600 12px "Inter Variable", system-ui, sans-serif';

/** How large a picture is shown. */
export interface View {
  /** Pixels of the page for one of the picture. */
  scale: number;
  /** Pixels of the screen for one of the page. */
  ratio: number;
}

/** Paints a picture, which is as large as it is seen, and what a stage has to say of it. */
export function paint(
  context: OffscreenCanvasRenderingContext2D,
  picture: OffscreenCanvas,
  { picture: seen = 1, raster, boxes }: Layers,
  { scale, ratio }: View,
): void {
  const size = { width: picture.width / ratio, height: picture.height / ratio };
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  context.globalAlpha = 1;
  context.fillStyle = '#0d0c0b';
  context.fillRect(0, 0, size.width, size.height);
  context.globalAlpha = seen;
  context.drawImage(picture, 0, 0, size.width, size.height);
  if (raster) {
    const [x1, y1, x2, y2] = raster.box;
    context.globalAlpha = raster.alpha;
    context.imageSmoothingEnabled = raster.smooth;
    context.drawImage(toCanvas(raster.pixels), x1 * scale, y1 * scale, (x2 - x1) * scale, (y2 - y1) * scale);
  }
  context.lineJoin = 'round';
  for (const box of boxes) frame(context, box, scale);
  const taken: Rectangle[] = [];
  // Labels come after every frame, so that no frame strikes through one.
  for (const box of boxes) if (box.text) taken.push(tab(context, box, { scale, canvas: size, taken }));
  context.globalAlpha = 1;
}

function rectangle({ box }: DrawnBox, scale: number): Rectangle {
  const [x1, y1, x2, y2] = Array.from(box, (value) => value * scale) as [number, number, number, number];
  return { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
}

/** The outline over a wider dark one: seen on light and on dark pictures alike. */
function frame(context: OffscreenCanvasRenderingContext2D, drawn: DrawnBox, scale: number): void {
  const { x, y, width, height } = rectangle(drawn, scale);
  const { alpha = 1, width: line = 2, fill = 0, color, dashed } = drawn;
  if (fill > 0) {
    context.globalAlpha = fill;
    context.fillStyle = color;
    context.fillRect(x, y, width, height);
  }
  context.setLineDash([]);
  if (line > 1) {
    context.globalAlpha = alpha * (dashed ? 0.7 : 0.4);
    context.strokeStyle = '#000';
    context.lineWidth = dashed ? line : line * 1.8;
    context.strokeRect(x, y, width, height);
  }
  context.globalAlpha = alpha;
  context.strokeStyle = color;
  context.lineWidth = line;
  if (dashed) context.setLineDash([line * 3, line * 3]);
  context.strokeRect(x, y, width, height);
  context.setLineDash([]);
}

function tab(
  context: OffscreenCanvasRenderingContext2D,
  drawn: DrawnBox,
  { scale, ...where }: { scale: number; canvas: { width: number; height: number }; taken: Rectangle[] },
): Rectangle {
  context.font = FONT;
  context.globalAlpha = drawn.alpha ?? 1;
  const text = drawn.text ?? '';
  const size = { width: context.measureText(text).width + 10, height: 18 };
  const place = placeLabel(size, { box: rectangle(drawn, scale), overhang: 1, ...where });
  context.fillStyle = drawn.color;
  context.beginPath();
  context.roundRect(place.x, place.y, place.width, place.height, 3);
  context.fill();
  context.fillStyle = textColorOn(drawn.color);
  context.textBaseline = 'middle';
  context.fillText(text, place.x + 5, place.y + place.height / 2 + 0.5);
  return place;
}
