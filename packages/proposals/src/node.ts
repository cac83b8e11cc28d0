export { selectiveSearchPool } from './pool';
export type { SelectiveSearchPool } from './poolOver';
