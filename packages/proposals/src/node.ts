export { selectiveSearchPool, type PoolOptions } from './pool';
export type { SelectiveSearchPool } from './poolOver';
