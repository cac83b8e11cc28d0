import type { AnnotatedObject } from '../annotations';
import { extent } from '../extent';

type Attribute = (name: string) => string | undefined;

/** The box around a shape of CVAT, or what is wrong with it. */
export function shapeBox(kind: string, attribute: Attribute): AnnotatedObject['box'] | string {
  const box = kind in readers ? readers[kind as keyof typeof readers](attribute) : undefined;
  if (!(kind in readers)) return 'has no box';
  return box ?? 'has no numbers for its place';
}

const readers = {
  box: (attribute: Attribute) => {
    const corners = numbers(attribute, ['xtl', 'ytl', 'xbr', 'ybr']);
    return corners && turned(corners, angleOf(attribute));
  },
  polygon: (attribute: Attribute) =>
    extent(
      (attribute('points') ?? '').split(/[;,]/).map((text) => (text.trim() === '' ? NaN : Number(text))),
    ),
  ellipse: (attribute: Attribute) => {
    const values = numbers(attribute, ['cx', 'cy', 'rx', 'ry']);
    if (!values) return undefined;
    const [x, y, rx, ry] = values;
    const [cos, sin] = [Math.cos(angleOf(attribute)), Math.sin(angleOf(attribute))];
    const [w, h] = [Math.hypot(rx * cos, ry * sin), Math.hypot(rx * sin, ry * cos)];
    return [x - w, y - h, x + w, y + h] as const;
  },
  mask: (attribute: Attribute) => {
    const values = numbers(attribute, ['left', 'top', 'width', 'height']);
    return values && ([values[0], values[1], values[0] + values[2], values[1] + values[3]] as const);
  },
};

type Four = [number, number, number, number];

function numbers(attribute: Attribute, names: readonly string[]): Four | undefined {
  const values = names.map((name) => Number(attribute(name) ?? NaN));
  return values.every(Number.isFinite) ? (values as Four) : undefined;
}

/** `rotation` in radians; 0 where there is none. */
function angleOf(attribute: Attribute): number {
  const degrees = Number(attribute('rotation') ?? 0);
  return Number.isFinite(degrees) ? (degrees * Math.PI) / 180 : 0;
}

/** The upright box around a box that is turned about its centre. */
function turned([x1, y1, x2, y2]: Four, angle: number): Four {
  if (angle === 0) return [x1, y1, x2, y2];
  const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
  const [w, h] = [(x2 - x1) * cos + (y2 - y1) * sin, (x2 - x1) * sin + (y2 - y1) * cos];
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
}
