import { useEffect, useState } from 'preact/hooks';

/** Size of an element's inside, pixels, as it changes. */
export function useRoom(element: { current: HTMLElement | null }): { width: number; height: number } {
  const [room, setRoom] = useState({ width: 320, height: 320 });
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setRoom({ width, height });
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return room;
}
