import { expose } from 'comlink';
import type { SearchTask } from './poolOver';
import { runStrategies } from './runStrategies';

// A thread of the browser's pool.
expose(({ image, strategies }: SearchTask): Int32Array[] => runStrategies(image, strategies));
