import { engine } from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { InitRules } from './initWeights';
import { initWeights } from './initWeights';
import type { BackboneOptions, InputShape, SymbolicTensor } from './options';

export interface Network {
  /** The model's name, torchvision's for the network. */
  name: string;
  /** Input size where the caller gives none. @default 224 ImageNet's */
  size?: number;
  init: InitRules;
  features: (x: SymbolicTensor) => SymbolicTensor;
  top: (x: SymbolicTensor, numClasses: number) => SymbolicTensor;
  /** A second head, on an inner map. */
  aux?: (trunk: tfl.LayersModel, numClasses: number) => SymbolicTensor;
}

/** A factor on channels. */
export function checkWidth(name: string, width: number): void {
  if (!(typeof width === 'number' && width > 0 && width < Infinity))
    throw new RangeError(`${name}: width must be a positive number, got ${String(width)}`);
}

const isSide = (side: number | null) => side === null || (Number.isInteger(side) && side > 0);

function checkOptions(name: string, numClasses: number, inputShape: InputShape): void {
  if (!Number.isInteger(numClasses) || numClasses < 1) {
    throw new RangeError(`${name}: numClasses must be a whole number from 1 on, got ${numClasses}`);
  }
  if (inputShape.length !== 3 || inputShape[2] === null || !inputShape.every(isSide)) {
    throw new RangeError(
      `${name}: inputShape must be [height, width, channels], null for sides that vary, got ${JSON.stringify(inputShape)}`,
    );
  }
}

/**
 * Joins features and top into a model, and draws its weights where there is something to draw them from. Where that
 * fails, the weights that were there by then are freed.
 */
export function build(network: Network, options: BackboneOptions): tfl.LayersModel {
  const variables = () => Object.values(engine().registeredVariables);
  const before = new Set(variables());
  try {
    return join(network, options);
  } catch (error) {
    for (const variable of variables()) if (!before.has(variable)) variable.dispose();
    throw error;
  }
}

function join(network: Network, options: BackboneOptions): tfl.LayersModel {
  const { name, size = 224, init, features, top, aux } = network;
  const { numClasses = 1000, inputShape = [size, size, 3], includeTop = true, random } = options;
  checkOptions(name, numClasses, inputShape);
  const inputs = tfl.input({ shape: inputShape, name: 'input' });
  const map = features(inputs);
  const outputs = [includeTop ? top(map, numClasses) : map];
  if (aux) outputs.push(aux(tfl.model({ inputs, outputs: map }), numClasses));
  const model = tfl.model({ name, inputs, outputs });
  if (random) initWeights(model, init, random);
  return model;
}
