import { useEffect, useState } from 'preact/hooks';
import { api } from '../state/actions';
import { shown } from '../state/session';
import type { SampleData } from '../worker/protocol';

/** A bundled scene, once the worker has painted it. */
export function useScene(index: number): SampleData | undefined {
  const [scene, setScene] = useState<SampleData | undefined>(undefined);
  const ready = shown.value !== undefined; // the worker knows where the handwriting lies
  useEffect(() => {
    let here = true;
    if (ready) void api.scene(index).then((painted) => here && setScene(painted));
    return () => void (here = false);
  }, [index, ready]);
  return scene;
}
