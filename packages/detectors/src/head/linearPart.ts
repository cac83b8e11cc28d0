import { svmHead, type LinearBoxRegressor, type LinearClassifier, type SvmHead } from '@roikit/heads';
import { toFloat32, type StateDict } from '@roikit/weights';
import { joined } from '../joined';
import type { Part } from '../parts';

/** What is fitted in closed form or by coordinate descent, as a part; zeros until then: margins of 0, boxes that stay where they are. */
export interface LinearPart extends Part, Pick<SvmHead, 'predict'> {
  /** One for each class 1 … K. */
  setClassifiers(classifiers: readonly LinearClassifier[]): void;
  setRegressors(regressors: readonly LinearBoxRegressor[]): void;
}

/** @param dimensions how many features each sees; without `regressors` there are none, and boxes stay where they are */
export function linearPart(
  numClasses: number,
  dimensions: { classifiers: number; regressors?: number },
): LinearPart {
  const shapes = shapesOf(numClasses, dimensions);
  const values = new Map<string, Float32Array>(
    Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(size(shape))]),
  );
  // At once, not when first asked for: a tidy around that would take its tensors away.
  let machines = machinesOf(values, numClasses);
  const set = (some: Iterable<[string, Float32Array]>) => {
    for (const [name, data] of some) values.set(name, data);
    machines.dispose();
    machines = machinesOf(values, numClasses);
  };
  return {
    stateDict: async () =>
      new Map(
        Object.entries(shapes).map(([name, shape]) => [
          name,
          { dtype: 'float32', shape, data: (values.get(name) as Float32Array).slice() },
        ]),
      ),
    load: (state) =>
      set(Object.entries(shapes).map(([name, shape]) => [name, entry(state, name, shape)] as const)),
    variables: () => new Map(),
    dispose: () => machines.dispose(),
    predict: (...features) => machines.predict(...features),
    setClassifiers: (classifiers) =>
      set([
        ['svm.weight', joined(classifiers.map(({ weights }) => weights))],
        ['svm.bias', Float32Array.from(classifiers, ({ bias }) => bias)],
      ]),
    setRegressors: (regressors) =>
      set([
        ['bbox.weight', joined(regressors.map(({ weights }) => weights))],
        ['bbox.bias', joined(regressors.map(({ bias }) => bias))],
      ]),
  };
}

function shapesOf(
  numClasses: number,
  { classifiers, regressors }: { classifiers: number; regressors?: number },
): Record<string, number[]> {
  const svms = { 'svm.weight': [numClasses, classifiers], 'svm.bias': [numClasses] };
  if (regressors === undefined) return svms;
  return { ...svms, 'bbox.weight': [numClasses, regressors, 4], 'bbox.bias': [numClasses, 4] };
}

function machinesOf(values: ReadonlyMap<string, Float32Array>, numClasses: number): SvmHead {
  const rows = (name: string) => {
    const data = values.get(name) as Float32Array;
    const width = data.length / numClasses;
    return Array.from({ length: numClasses }, (_, k) => data.subarray(k * width, (k + 1) * width));
  };
  const affine = (name: string) =>
    rows(`${name}.weight`).map((weights, k) => ({ weights, bias: rows(`${name}.bias`)[k] as Float32Array }));
  return svmHead({
    classifiers: affine('svm').map(({ weights, bias }) => ({ weights, bias: bias[0] as number })),
    regressors: values.has('bbox.weight') ? affine('bbox') : undefined,
  });
}

function entry(state: StateDict, name: string, shape: readonly number[]): Float32Array {
  const tensor = state.get(name);
  if (tensor?.shape.join() === shape.join()) return toFloat32(tensor).slice();
  throw new RangeError(
    `loadDetector: ${name} must be [${shape.join(', ')}], got ${tensor ? `[${tensor.shape.join(', ')}]` : 'nothing'}`,
  );
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
