import { useEngine } from '../../src/index';
import * as classifier from '../../../classification/test/webgpuRuns';
import { keptByMany, trainTiny, type Trained } from '../../../detectors/test/webgpuRuns';

type OptimizerType = 'sgd' | 'adamw';

const page = {
  /** The weights as one list, as the classifier's are. */
  async detector(type: OptimizerType, until?: number): Promise<{ losses: number[]; weights: number[] }> {
    const { losses, weights }: Trained = await trainTiny(type, { until });
    return { losses, weights: Object.values(weights).flat() };
  },
  classifier: (type: OptimizerType, until?: number) => classifier.trainTinyClassifier(type, { until }),
  kept: { detector: keptByMany, classifier: classifier.keptByMany },
  start: async () => (await useEngine('webgpu')).name,
};

export type Page = typeof page;
Object.assign(globalThis, { page });
