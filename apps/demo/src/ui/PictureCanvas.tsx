import { useSignalEffect, type ReadonlySignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { boxAt, type Layers } from '../paint/layers';
import { useSurface } from '../paint/useSurface';
import { shown } from '../state/session';
import { chooseRegion, hovered, region } from '../state/walk';
import { useRoom } from './useRoom';

/** Largest enlargement: a scene of 224 pixels fills the screen, an icon does not. */
const MAX_SCALE = 4;

/** The picture under what the current stage paints; pointing at a box points at its region in all stages. */
export function PictureCanvas({ layers }: { layers: ReadonlySignal<Layers> }) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const surface = useSurface(canvas);
  const room = useRoom(frame);
  const { width, height } = shown.value?.image ?? { width: 1, height: 1 };
  const scale = Math.min(MAX_SCALE, room.width / width, room.height / height);

  const show = () => {
    const picture = shown.value?.image;
    const view = { scale, ratio: devicePixelRatio };
    if (picture) surface.current!.show({ picture, layers: layers.value, view });
  };
  useSignalEffect(show);
  useEffect(show, [scale]);

  const pointed = (event: PointerEvent): number | undefined => {
    const bounds = canvas.current!.getBoundingClientRect();
    const { boxes } = layers.value;
    const at = boxAt(boxes, (event.clientX - bounds.x) / scale, (event.clientY - bounds.y) / scale);
    return boxes[at]?.region;
  };
  return (
    <div class="frame" ref={frame}>
      <canvas
        ref={canvas}
        style={{ width: `${width * scale}px`, height: `${height * scale}px` }}
        tabIndex={0}
        role="img"
        aria-label={t('canvas.label')}
        onPointerMove={(event) => event.pointerType === 'mouse' && (hovered.value = pointed(event))}
        onPointerLeave={() => (hovered.value = undefined)}
        onClick={(event) => chooseRegion(pointed(event as unknown as PointerEvent))}
        onKeyDown={(event) => step(event, layers.value)}
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
