import { gatherBoxes } from '@roikit/geometry';
import { BoxRidgeRegression, boxRegressionExamples, type BoxRidgeRegressionOptions } from '@roikit/heads';
import type { PhaseEntry } from '@roikit/training';
import type { StateDict } from '@roikit/weights';
import type * as tf from '@tensorflow/tfjs-core';
import type { TrainData } from '../detectorType';
import type { LinearHead } from '../head/linearHead';
import {
  doubles,
  evenly,
  row,
  fittingPhase,
  NormFitting,
  type Fitted,
  type Fitting,
  type FittingImage,
} from './fittingPhase';
import { positivesOf } from './objectsOf';
import type { BoxesOptions } from './stagedTraining';

/** A detector whose head moves boxes by ridge regressions. */
type BoxesDetector = Fitted<Pick<LinearHead, 'dimensions' | 'inputs' | 'setRegressors'>>;

/** One box regressor a class, by ridge regression (R-CNN App. C). */
export function boxesPhase(
  detector: BoxesDetector,
  data: TrainData,
  options: BoxesOptions = {},
): PhaseEntry<never> {
  const { head } = detector.parts;
  const inputs = (features: tf.Tensor) => head.inputs(features).regressors;
  return fittingPhase('boxes', { detector, data, inputs }, () => new BoxFitting(detector, options));
}

class BoxFitting implements Fitting {
  private readonly detector: BoxesDetector;
  private readonly options: BoxesOptions;
  private readonly norm: NormFitting;
  private regressions: BoxRidgeRegression[] | undefined;

  constructor(detector: BoxesDetector, options: BoxesOptions) {
    this.detector = detector;
    this.options = options;
    this.norm = new NormFitting(detector.parts.head.dimensions.regressors);
  }

  get passes(): Fitting['passes'] {
    return [this.norm.pass, { task: 'box regressors', learn: (image) => this.gather(image) }];
  }

  finish(): void {
    this.detector.parts.head.setRegressors(this.take().map((regression) => regression.solve()));
  }

  state(): StateDict {
    const state = this.norm.state();
    for (const [k, regression] of (this.regressions ?? []).entries()) {
      for (const [name, data] of Object.entries(regression.state()) as [string, Float64Array][]) {
        state.set(`${name}.${k}`, row(data));
      }
    }
    return state;
  }

  restore(state: StateDict): void {
    this.norm.restore(state);
    if (!state.has('gram.0')) return;
    this.regressions = this.detector.config.classes.map((_, k) => {
      const of = (name: string) => doubles(state, `${name}.${k}`);
      return BoxRidgeRegression.restore({ gram: of('gram'), moments: of('moments') }, this.ridgeOptions());
    });
  }

  private async gather({ truth, proposals: all, read }: FittingImage): Promise<void> {
    const { minIou, regions } = this.options;
    const proposals = evenly(all, regions);
    for (const [k, regression] of this.take().entries()) {
      const own = positivesOf(truth, k + 1);
      const objects = gatherBoxes(truth.boxes, own);
      const { rows, targets } = boxRegressionExamples(proposals, objects, { minIou });
      if (rows.length > 0) regression.add(await read(gatherBoxes(proposals, rows)), targets);
    }
  }

  private take(): BoxRidgeRegression[] {
    return (this.regressions ??= this.detector.config.classes.map(
      () => new BoxRidgeRegression(this.ridgeOptions()),
    ));
  }

  private ridgeOptions(): BoxRidgeRegressionOptions {
    const { lambda, featureNorm } = this.options;
    const { regressors: dimensions } = this.detector.parts.head.dimensions;
    return { dimensions, lambda, featureScale: this.norm.norm.scale(featureNorm) };
  }
}
