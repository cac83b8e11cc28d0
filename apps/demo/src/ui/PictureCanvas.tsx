import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { shown } from '../state/session';
import { chooseRegion, hovered, region } from '../state/walk';
import { boxAt, type Layers } from './layers';
import { paint } from './paint';
import { useRoom } from './useRoom';

/** Largest enlargement: a scene of 224 pixels fills the screen, an icon does not. */
const MAX_SCALE = 4;

/** The picture under what the current stage paints; pointing at a box points at its region in all stages. */
export function PictureCanvas({ layers }: { layers: () => Layers }) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const room = useRoom(frame);
  const picture = shown.value;
  const scale = picture
    ? Math.min(MAX_SCALE, room.width / picture.image.width, room.height / picture.image.height)
    : 1;

  useSignalEffect(() => {
    const painted = layers();
    const target = canvas.current;
    if (!target || !shown.value) return;
    fit(target, shown.value.image, scale);
    paint(target.getContext('2d')!, shown.value.canvas, painted, { scale, ratio: devicePixelRatio });
  });
  useEffect(() => {
    if (!canvas.current || !picture) return;
    fit(canvas.current, picture.image, scale);
    paint(canvas.current.getContext('2d')!, picture.canvas, layers(), { scale, ratio: devicePixelRatio });
  });

  const pointed = (event: PointerEvent): number | undefined => {
    const bounds = canvas.current!.getBoundingClientRect();
    const { boxes } = layers();
    const at = boxAt(boxes, (event.clientX - bounds.x) / scale, (event.clientY - bounds.y) / scale);
    return boxes[at]?.region;
  };
  return (
    <div class="frame" ref={frame}>
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label={t('canvas.label')}
        onPointerMove={(event) => event.pointerType === 'mouse' && (hovered.value = pointed(event))}
        onPointerLeave={() => (hovered.value = undefined)}
        onClick={(event) => chooseRegion(pointed(event as unknown as PointerEvent))}
        onKeyDown={(event) => step(event, layers())}
      />
    </div>
  );
}

/** Arrow keys go through the regions, by their order in the list. */
function step(event: KeyboardEvent, { boxes }: Layers): void {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (event.key === 'Escape') chooseRegion(undefined);
  const regions = [...new Set(boxes.flatMap((box) => box.region ?? []))];
  if (by === undefined || regions.length === 0) return;
  event.preventDefault();
  const at = regions.indexOf(region.value ?? -1);
  chooseRegion(regions[at < 0 ? 0 : (at + by + regions.length) % regions.length]);
}

function fit(target: HTMLCanvasElement, { width, height }: { width: number; height: number }, scale: number) {
  const [w, h] = [
    Math.round(width * scale * devicePixelRatio),
    Math.round(height * scale * devicePixelRatio),
  ];
  if (target.width !== w) target.width = w;
  if (target.height !== h) target.height = h;
  target.style.width = `${width * scale}px`;
  target.style.height = `${height * scale}px`;
}
