import type { ComponentType } from 'preact';
import type { Text } from '../i18n';
import type { Run } from '../state/derived';
import type { StageId } from '../state/walk';
import type { Layers } from '../paint/layers';

/** One stop of the walk. */
export interface Stage {
  id: StageId;
  title: Text;
  /** What happens here, for somebody who has never heard of it. */
  text: Text;
  /** The same as mathematics; a name in it is a text's. */
  formula: readonly string[];
  /** Whether the detector has this stage. */
  applies: (run: Run) => boolean;
  /** How long it took; undefined where it is a part of another. */
  milliseconds: (run: Run) => number | undefined;
  layers: (run: Run) => Layers;
  Panel: ComponentType<{ run: Run }>;
}

/** x1 y1 x2 y2 of box `i` of `[N, 4]`. */
export function boxOf(boxes: ArrayLike<number>, i: number): [number, number, number, number] {
  return [boxes[4 * i]!, boxes[4 * i + 1]!, boxes[4 * i + 2]!, boxes[4 * i + 3]!];
}

export const className = (run: Run, label: number) => run.detector.classes[label - 1] ?? '–';

/** `0.97` → `97 %`; margins of SVMs as they are. */
export const percent = (value: number) =>
  value >= 0 && value <= 1 ? `${Math.round(100 * value)} %` : value.toFixed(2);

/** Black-body colours, dark to light, for maps over a dimmed picture; bytes of 256 entries. */
export const HEAT: Uint8ClampedArray = (() => {
  const stops = [
    [12, 8, 38],
    [87, 16, 110],
    [188, 55, 84],
    [249, 142, 9],
    [252, 240, 164],
  ];
  return Uint8ClampedArray.from({ length: 768 }, (_, i) => {
    const at = (Math.floor(i / 3) / 255) * (stops.length - 1);
    const low = Math.min(Math.floor(at), stops.length - 2);
    const [a, b] = [stops[low]![i % 3]!, stops[low + 1]![i % 3]!];
    return a + (b - a) * (at - low);
  });
})();
