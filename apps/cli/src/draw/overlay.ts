import { classColor, placeLabel, textColorOn, type Rectangle } from '@roikit/draw';
import type { ImageSize } from '@roikit/geometry';
import { outlineText } from './text';

/** One box to draw, in pixels of the original image. */
export interface DrawnBox {
  /** x1 y1 x2 y2 */
  box: ArrayLike<number>;
  /** Class 1…K; gives the colour. */
  label: number;
  /** Written on a tab of the box's colour; nothing is written where absent. */
  text?: string;
  /** Ground truth is dashed, detections are not. */
  dashed?: boolean;
  /** Instead of the class's colour, `#rrggbb`. */
  color?: string;
}

export interface OverlayOptions extends ImageSize {
  /** Pixels of the drawing for one of the image. Default 1. */
  scale?: number;
  /** Instead of a width that suits the picture, pixels of the drawing. */
  lineWidth?: number;
  /** Labels that another layer has drawn; those of this one avoid them and are added. */
  taken?: Rectangle[];
}

/** SVG elements (no `<svg>` around them) that draw the boxes over an image of `width × height` × `scale` pixels. */
export function overlayElements(
  boxes: readonly DrawnBox[],
  { width, height, scale = 1, lineWidth, taken = [] }: OverlayOptions,
): string {
  const side = Math.max(width, height) * scale;
  const style = {
    // About 1/400 and 1/48 of the picture: as thick on a thumbnail as on a photo of 20 megapixels.
    lineWidth: lineWidth ?? Math.max(1.5, side / 400),
    fontSize: Math.max(11, side / 48),
  };
  const canvas = { width: width * scale, height: height * scale };
  const drawn = boxes.map((box) => ({ ...box, rectangle: scaledRectangle(box.box, scale) }));
  const frames = drawn.map((box) => frame(box, style.lineWidth)).join('');
  // Labels come after every frame, so that no frame strikes through one.
  const tabs = drawn.map((box) => (box.text ? tab(box, { ...style, canvas, taken }) : '')).join('');
  return frames + tabs;
}

type PlacedBox = DrawnBox & { rectangle: Rectangle };

function scaledRectangle(box: ArrayLike<number>, scale: number): Rectangle {
  const [x1, y1, x2, y2] = Array.from(box, (value) => value * scale) as [number, number, number, number];
  return { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
}

/** The box's outline over a wider dark one: seen on light and on dark pictures alike. */
function frame({ rectangle, label, color, dashed }: PlacedBox, lineWidth: number): string {
  const { x, y, width, height } = rectangle;
  const shape = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="none"`;
  // Under dashes the dark line is whole and as wide as they are, so that it fills their gaps.
  const under = dashed ? { opacity: 0.75, width: lineWidth } : { opacity: 0.45, width: lineWidth * 1.8 };
  const dash = dashed ? ` stroke-dasharray="${round(lineWidth * 3)} ${round(lineWidth * 3)}"` : '';
  return (
    `<rect ${shape} stroke="#000" stroke-opacity="${under.opacity}" stroke-width="${round(under.width)}"/>` +
    `<rect ${shape} stroke="${color ?? classColor(label)}" stroke-width="${round(lineWidth)}"${dash}/>`
  );
}

interface TabOptions {
  lineWidth: number;
  fontSize: number;
  canvas: ImageSize;
  /** Where labels already are; the new one is added. */
  taken: Rectangle[];
}

/** The label on a tab of the box's colour. */
function tab(box: PlacedBox, { lineWidth, fontSize, canvas, taken }: TabOptions): string {
  const { path, width } = outlineText(box.text ?? '', fontSize);
  const size = { width: width + fontSize * 0.6, height: fontSize * 1.3 };
  const place = placeLabel(size, { box: box.rectangle, canvas, taken, overhang: lineWidth / 2 });
  taken.push(place);
  const color = box.color ?? classColor(box.label);
  const { x, y, width: w, height: h } = place;
  return (
    `<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" fill="${color}"/>` +
    `<path transform="translate(${round(x + fontSize * 0.3)} ${round(y + fontSize)})" d="${path}" fill="${textColorOn(color)}"/>`
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
