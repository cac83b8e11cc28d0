import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { consumersOf, inboundLayers, outputLayers } from '../graph';
import type { Convolution, Zeros } from './convolution';
import {
  activationOf,
  affineOf,
  convolutionKind,
  readConvolution,
  runConvolution,
  runResidual,
} from './convolution';

type Layer = tfl.layers.Layer;

/** One operation: what it takes, and the layer whose output it gives. */
export interface Step {
  inputs: Layer[];
  output: Layer;
  run: (inputs: tf.Tensor[]) => tf.Tensor;
  /** Tensors the step owns. */
  owned: tf.Tensor[];
}

/** Whose output each layer's output is after folding: `layer`'s own, or that of the last layer folded into it. */
interface Folding {
  only: (layer: Layer) => Layer | undefined;
}

function foldingOf(model: tfl.LayersModel): Folding {
  const consumers = consumersOf(model);
  const outputs = new Set(outputLayers(model));
  return {
    only: (layer) => {
      const after = consumers.get(layer) ?? [];
      return after.length === 1 && !outputs.has(layer) ? after[0] : undefined;
    },
  };
}

function isClass(layer: Layer | undefined, name: string): layer is Layer {
  return layer?.getClassName() === name;
}

/** An activation layer that a convolution can apply itself. */
function isActivation(layer: Layer | undefined): layer is Layer {
  const name = isClass(layer, 'Activation') ? activationOf(layer) : undefined;
  return name === 'relu' || name === 'relu6';
}

/** The layer before one that takes a single map. */
function onlyInput(layer: Layer): Layer {
  return inboundLayers(layer)[0]!;
}

function zerosBefore(layer: Layer, { only }: Folding): { from: Layer; zeros?: Zeros } {
  const before = onlyInput(layer);
  if (!isClass(before, 'ZeroPadding2D') || only(before) !== layer) return { from: before };
  return { from: onlyInput(before), zeros: (before as unknown as { padding: Zeros }).padding };
}

interface ConvolutionStep extends Step {
  convolution: Convolution;
}

function convolutionStep(layer: Layer, folding: Folding, folded: Set<Layer>): ConvolutionStep {
  const { from, zeros } = zerosBefore(layer, folding);
  let output = layer;
  const take = (next: Layer) => {
    folded.add(next);
    output = next;
    return next;
  };
  const plain = activationOf(layer) === 'linear';
  const after = plain ? folding.only(layer) : undefined;
  const norm = isClass(after, 'BatchNormalization') ? take(after) : undefined;
  const convolution: Convolution = readConvolution(layer, norm, zeros);
  const last = plain ? folding.only(output) : undefined;
  if (isActivation(last)) convolution.activation = activationOf(take(last)) ?? 'linear';
  const run = ([x]: tf.Tensor[]) => runConvolution(x as tf.Tensor4D, convolution);
  return { inputs: [from], output, run, owned: [convolution.kernel, convolution.bias], convolution };
}

/** A batch norm with no convolution before it (DenseNet): one product and one sum. */
function normStep(layer: Layer): Step {
  const { scale, shift } = affineOf(layer);
  const owned = [tf.keep(scale), tf.keep(shift)];
  const run = ([x]: tf.Tensor[]) => tf.add(tf.mul(x!, scale), shift);
  return { inputs: inboundLayers(layer), output: layer, run, owned };
}

/** A sum of two maps and the relu after it, as a residual block ends: one kernel where the engine has it (webgpu). */
function sumStep(layer: Layer, output: Layer): Step {
  const run = (inputs: tf.Tensor[]) => {
    const [a, b] = inputs as [tf.Tensor, tf.Tensor];
    const isFused =
      tf.getKernel('AddRelu', tf.getBackend()) !== undefined && tf.util.arraysEqual(a.shape, b.shape);
    return isFused
      ? tf.engine().runKernel<tf.Tensor>('AddRelu', { a, b })
      : tf.relu(layer.call([a, b], { training: false }) as tf.Tensor);
  };
  return { inputs: inboundLayers(layer), output, run, owned: [] };
}

/** The end of a residual block: its last convolution, the sum with its other side, the relu. */
function blockStep(last: ConvolutionStep, layer: Layer, output: Layer): Step {
  const other = inboundLayers(layer).find((before) => before !== last.output)!;
  const sum = sumStep(layer, output);
  const run = ([x, residual]: tf.Tensor[]) =>
    runResidual(x as tf.Tensor4D, last.convolution, residual!) ?? sum.run([last.run([x!]), residual!]);
  return { inputs: [...last.inputs, other], output, run, owned: last.owned };
}

/** The relu that alone takes a sum of two. */
function reluAfter(layer: Layer, { only }: Folding): Layer | undefined {
  if (!isClass(layer, 'Add') || inboundLayers(layer).length !== 2) return undefined;
  const next = only(layer);
  return isClass(next, 'Activation') && activationOf(next) === 'relu' ? next : undefined;
}

function layerStep(layer: Layer): Step {
  const run = (inputs: tf.Tensor[]) => {
    const result = layer.call(inputs.length === 1 ? inputs[0]! : inputs, { training: false });
    return Array.isArray(result) ? result[0]! : result;
  };
  return { inputs: inboundLayers(layer), output: layer, run, owned: [] };
}

/** The model's operations in order, as few as its outputs need. */
export function compile(model: tfl.LayersModel): Step[] {
  const folding = foldingOf(model);
  const folded = new Set<Layer>();
  const convolutions = model.layers.filter((layer) => convolutionKind(layer) && activationOf(layer));
  for (const layer of convolutions) {
    if (zerosBefore(layer, folding).zeros) folded.add(onlyInput(layer));
  }
  const steps: Step[] = [];
  /** The convolution that waits for the other side of its block, by the sum. */
  const waiting = new Map<Layer, ConvolutionStep>();
  for (const layer of model.layers) {
    if (folded.has(layer) || isClass(layer, 'InputLayer')) continue;
    if (convolutions.includes(layer)) {
      const step = convolutionStep(layer, folding, folded);
      const sum = folding.only(step.output);
      const waits = sum !== undefined && reluAfter(sum, folding) !== undefined && !waiting.has(sum);
      if (waits && step.convolution.activation === 'linear') waiting.set(sum, step);
      else steps.push(step);
    } else if (isClass(layer, 'BatchNormalization')) steps.push(normStep(layer));
    else {
      const relu = reluAfter(layer, folding);
      const last = waiting.get(layer);
      if (relu !== undefined) folded.add(relu);
      if (relu === undefined) steps.push(layerStep(layer));
      else steps.push(last === undefined ? sumStep(layer, relu) : blockStep(last, layer, relu));
    }
  }
  return steps;
}
