import { useEngine } from '@roikit/engine';
import * as tf from '@tensorflow/tfjs-core';
import { fromTorchvision, type GeneralizedRCNN } from '../../src';
import type { JointParts } from '../../src/training/jointPhase';
import type { NetGolden } from '../torchvisionGolden';
import { compareRun, type Comparison } from '../torchvisionRun';
import { seededState, small } from '../torchvisionWeights';

const page = {
  /** The backend in use, or why there is none. */
  async start(): Promise<string> {
    try {
      await useEngine('webgpu');
      return tf.getBackend();
    } catch (error) {
      return String(error);
    }
  },
  /** A detection with torchvision's architecture and the golden's weights, beside torchvision's. */
  async compare(architecture: string, net: NetGolden): Promise<Comparison> {
    const detector = await fromTorchvision(seededState(net), { architecture, transform: small });
    const compared = await compareRun(detector as GeneralizedRCNN<JointParts>, net.runs[0]!);
    detector.dispose();
    return compared;
  },
};

export type Page = typeof page;
Object.assign(globalThis, { page });
