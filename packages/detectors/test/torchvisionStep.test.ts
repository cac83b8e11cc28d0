import { mulberry32, resizeBoxes } from '@roikit/geometry';
import type { StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { signed } from '../../backbones/test/seeded';
import { useTestEngine } from '../../engine/test/testEngine';
import { fromTorchvision, type GeneralizedRCNN } from '../src';
import { flooredSize } from '../src/transform/paddedTransform';
import { TORCHVISION_FASTER_RCNN } from '../src/files/torchvisionFasterRCNN';
import { jointLosses, type JointParts } from '../src/training/jointPhase';
import { testedNets, type Sketched, type StepImage } from './torchvisionGolden';
import { picture, seededState, small } from './torchvisionWeights';

// A training step against torchvision's in float64: goldens/torchvision_detectors.py, which also says why its weights are
// not those of detection.

beforeAll(useTestEngine);

const steps = testedNets().flatMap(([name, { shapes, step }]) => (step ? [{ name, shapes, ...step }] : []));

test.each(steps)(
  '$name: a training step has torchvision’s losses, and every gradient to 1e-3 of its norm',
  async ({ name, shapes, gains, offset, images, losses, gradients }) => {
    const detector = (await fromTorchvision(seededState({ shapes, gains, offset }), {
      architecture: name,
      transform: small,
    })) as GeneralizedRCNN<JointParts>;
    const got = await trainingStep(detector, images.map(sampled));
    expect(Object.keys(got.losses).toSorted()).toEqual(Object.keys(NAMES).toSorted());
    for (const [own, value] of Object.entries(got.losses)) {
      expect(Math.abs(value / losses[NAMES[own as keyof typeof NAMES]]! - 1)).toBeLessThan(1e-5);
    }
    // torchvision's v2 trains all of its backbone; ours is frozen through layer1, as v1.
    const trained = Object.keys(gradients).filter((key) => !/body\.(conv1|layer1)\./.test(key));
    expect([...got.gradients.keys()].toSorted()).toEqual(trained.toSorted());
    const errors = [...got.gradients].map(([key, gradient]) => ({
      key,
      error: distance(gradient, gradients[key]!),
    }));
    expect(errors.filter(({ error }) => !(error < 1e-3))).toEqual([]);
    const worst = errors.toSorted((a, b) => b.error - a.error)[0]!;
    console.info(`${name}: gradients within ${worst.error.toExponential(1)} (${worst.key})`);
    detector.dispose();
  },
  600_000,
);

/** The norm of the difference from torchvision's gradient, as its sketch estimates it, over that gradient's norm. */
function distance(gradient: Float32Array, { shape, norm, sketch }: Sketched): number {
  expect(gradient.length).toBe(shape.reduce((product, side) => product * side, 1));
  const hashed = signed('sketch', gradient.length);
  const sums = new Float64Array(sketch.length);
  for (let i = 0; i < gradient.length; i++) {
    const hash = hashed[i]!;
    const bucket = Math.min(sums.length - 1, Math.floor(Math.abs(hash) * sums.length));
    sums[bucket]! += hash < 0 ? -gradient[i]! : gradient[i]!;
  }
  return Math.hypot(...sums.map((sum, i) => sum - sketch[i]!)) / norm;
}

const NAMES = {
  objectness: 'loss_objectness',
  rpnBoxRegression: 'loss_rpn_box_reg',
  classification: 'loss_classifier',
  boxRegression: 'loss_box_reg',
} as const;

/** The samples torchvision took, as a step of training has them. */
function sampled(step: StepImage) {
  const image = picture(step.name, step.size);
  const size = flooredSize(image, small);
  const anchors = {
    positive: Int32Array.from(step.positive),
    negative: Int32Array.from(step.negative),
    boxTargets: Float32Array.from(step.anchorTargets),
    positiveAnchors: new Float32Array(4 * step.positive.length), // smooth L1 does not look at them
  };
  const targets = {
    boxes: resizeBoxes(Float32Array.from(step.regions), { from: size, to: image }),
    labels: Int32Array.from(step.labels),
    boxTargets: Float32Array.from(step.boxTargets),
  };
  const truth = { boxes: new Float32Array(0), labels: new Int32Array(0) };
  return { id: step.name, image, truth, samples: { anchors, targets } };
}

/** Losses, and gradients under torchvision's keys and in its layouts. */
async function trainingStep(detector: GeneralizedRCNN<JointParts>, batch: Parameters<typeof jointLosses>[1]) {
  const { keyOf } = TORCHVISION_FASTER_RCNN['fasterrcnn_resnet50_fpn']!;
  const variables = detector.variables();
  const losses: Record<string, number> = {};
  const { value, grads } = tf.variableGrads(() => {
    const terms = jointLosses(detector, batch, { random: mulberry32(1) });
    for (const [name, term] of Object.entries(terms)) losses[name] = term.dataSync()[0]!;
    return tf.addN(Object.values(terms)) as tf.Scalar;
  }, [...variables.values()]);
  // Gradients in the weights' place come out as weights do.
  for (const variable of variables.values()) variable.assign(grads[variable.name]!);
  const state = await detector.stateDict();
  const gradients = new Map([...variables.keys()].map((own) => [own, state.get(nameInState(own, state))!]));
  tf.dispose([value, grads]);
  return {
    losses,
    gradients: new Map(
      [...gradients].map(([own, { data }]) => [keyOf(nameInState(own, state)), data as Float32Array]),
    ),
  };
}

/** `…/kernel` of a variable is `….weight` of a state dict. */
function nameInState(variable: string, state: StateDict): string {
  const name = variable.replace(/\/(depthwise_)?kernel$/, '.weight').replace(/\/bias$/, '.bias');
  if (!state.has(name)) throw new Error(`${variable} is in no state dict as ${name}`);
  return name;
}
