import { useEffect, useRef } from 'preact/hooks';
import type { DrawnBox } from '../paint/layers';
import type { Pixels } from '../paint/pixels';
import { useSurface } from '../paint/useSurface';

interface PaintedProps {
  /** Nothing is painted before it is there. */
  picture: Pixels | undefined;
  boxes?: readonly DrawnBox[];
  /** @default 1 */
  scale?: number;
  class?: string;
  /** What is said of it; without, it is said by what it is in. */
  label?: string;
}

const NONE: readonly DrawnBox[] = [];

/** A picture that stays as it is until it gets another one. */
export function Painted({ picture, boxes = NONE, scale = 1, label, ...rest }: PaintedProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const surface = useSurface(canvas);
  useEffect(() => {
    if (picture) surface.current!.show({ picture, layers: { boxes }, view: { scale, ratio: 1 } });
  }, [picture, boxes, scale]);
  return <canvas ref={canvas} {...rest} {...(label !== undefined && { role: 'img', 'aria-label': label })} />;
}
