import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Factor } from './productTile';

/** Of kernels that multiply dy with a filter. */
export interface GatedInputs {
  [name: string]: TensorInfo;
  dy: TensorInfo;
  filterValues: TensorInfo;
}

type Gate = TensorInfo | undefined;

/** A gradient that comes through a relu, masked as it is loaded instead of in a pass of its own: dy where `gate` > 0. */
export const gateOf = (gate: Gate): Pick<Factor, 'gate'> => (gate === undefined ? {} : { gate: 'gate' });
export const gateInput = (gate: Gate): { gate?: TensorInfo } => (gate === undefined ? {} : { gate });
export const gateName = (gate: Gate): string => (gate === undefined ? '' : 'Gated');
