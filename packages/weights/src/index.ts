export { readStateDict } from './readStateDict';
export type { ReadStateDictOptions, StateDictSource } from './readStateDict';
export { writeSafetensors } from './safetensors';
export { assertFinite } from './assertFinite';
export type { WriteSafetensorsOptions } from './safetensors';
export { toFloat32 } from './stateDict';
export type { DType, StateDict, StateTensor, TensorData } from './stateDict';
