export { convGradFilter } from './convGradFilter';
