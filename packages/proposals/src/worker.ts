import type { SearchTask } from './poolOver';
import { runStrategies } from './runStrategies';

/** One task of Node's pool. The name of the export is what the pool asks for. */
export const run = ({ image, strategies }: SearchTask): Int32Array[] => runStrategies(image, strategies);
