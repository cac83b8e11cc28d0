import { useEffect, useRef, useState } from 'preact/hooks';
import { classColor } from '@roikit/draw';
import { t } from '../i18n';
import type { DrawnBox } from '../paint/layers';
import { useSurface } from '../paint/useSurface';
import { useRoom } from '../ui/useRoom';
import { album, changeMark, chosen, classes, mark, open, pen, removeMark, type Mark } from './album';
import { AlbumBar } from './AlbumBar';
import { Classes, Marks } from './Marks';

const MAX_SCALE = 4;

/** Boxes are drawn with the pointer; Enter puts one in the middle, arrows move it, with Shift they resize it. */
export function Annotator() {
  const page = album.value[open.value];
  return (
    <>
      <Classes />
      {page ? <Sheet /> : <p class="empty">{t('train.empty')}</p>}
      <AlbumBar />
      {page && <Marks />}
    </>
  );
}

function Sheet() {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const surface = useSurface(canvas);
  const room = useRoom(frame);
  const [drawn, setDrawn] = useState<Mark['box'] | undefined>(undefined);
  const { shown, marks } = album.value[open.value]!;
  const { width, height } = shown.image;
  const scale = Math.min(MAX_SCALE, room.width / width, room.height / height);
  useEffect(() => {
    const boxes: DrawnBox[] = marks.map(({ box, label }, i) => ({
      box,
      color: classColor(label),
      text: classes.value[label - 1],
      width: chosen.value === i ? 4 : 2,
    }));
    if (drawn) boxes.push({ box: drawn, color: classColor(pen.value), dashed: true });
    surface.current!.show({
      picture: shown.image,
      layers: { boxes },
      view: { scale, ratio: devicePixelRatio },
    });
  });
  const at = (event: PointerEvent): [number, number] => {
    const bounds = canvas.current!.getBoundingClientRect();
    return [(event.clientX - bounds.x) / scale, (event.clientY - bounds.y) / scale];
  };
  return (
    <div class="frame" ref={frame}>
      <canvas
        ref={canvas}
        style={{ width: `${width * scale}px`, height: `${height * scale}px`, touchAction: 'none' }}
        tabIndex={0}
        role="img"
        aria-label={t('train.canvas')}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const [x, y] = at(event);
          setDrawn([x, y, x, y]);
        }}
        onPointerMove={(event) => drawn && setDrawn([drawn[0], drawn[1], ...at(event)])}
        onPointerUp={() => {
          if (drawn) mark(drawn);
          setDrawn(undefined);
        }}
        onKeyDown={(event) => onKey(event, width, height)}
      />
    </div>
  );
}

/** Steps of the keyboard, as a share of the picture. */
const STEP = 0.02;

function onKey(event: KeyboardEvent, width: number, height: number): void {
  if (event.key === 'Enter') return mark([width * 0.35, height * 0.35, width * 0.65, height * 0.65]);
  const index = chosen.value;
  const own = index === undefined ? undefined : album.value[open.value]?.marks[index];
  if (index === undefined || !own) return;
  if (event.key === 'Delete' || event.key === 'Backspace') return removeMark(index);
  const directions: Record<string, [number, number]> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const direction = directions[event.key];
  if (!direction) return;
  event.preventDefault();
  const [dx, dy] = [direction[0] * STEP * width, direction[1] * STEP * height];
  const [x1, y1, x2, y2] = own.box;
  changeMark(index, {
    box: event.shiftKey ? [x1, y1, x2 + dx, y2 + dy] : [x1 + dx, y1 + dy, x2 + dx, y2 + dy],
  });
}
