import { useEffect, useRef } from 'preact/hooks';
import { Surface } from './surface';

/** The surface of a canvas, there for the effects that come after this in a component, closed with it. */
export function useSurface(canvas: { current: HTMLCanvasElement | null }): { current: Surface | undefined } {
  const surface = useRef<Surface>(undefined);
  useEffect(() => {
    const own = new Surface(canvas.current!);
    surface.current = own;
    return () => own.close();
  }, []);
  return surface;
}
