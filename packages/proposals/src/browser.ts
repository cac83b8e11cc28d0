export { selectiveSearchPool, type BrowserPoolOptions } from './browserPool';
export type { SelectiveSearchPool } from './poolOver';
