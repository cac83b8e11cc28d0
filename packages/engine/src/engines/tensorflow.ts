import * as tf from '@tensorflow/tfjs-core';
import { EngineError, firstLine, isNotInstalled } from '../engineError';
import { registerBatchNormGradients } from '../kernels/batchNormGradient';
import type { NodeBackend } from '../kernels/nodeBackend';
import { registerTensorflowFusedConv2d } from '../kernels/tensorflowFusedConv2d';
import { registerTensorflowReluGrad } from '../kernels/tensorflowReluGrad';
import { importNode } from '../importNode';
import { coreCount, isNode } from '../runtime';
import type { Engine, EngineProblem } from '../types';
import { setBackend } from './setBackend';

/** The GPU package first: with a CPU libtensorflow it runs on the CPU, so it serves both. */
const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

const build = 'Run `roikit doctor --install-native` to build the addon.';

/** libtensorflow through the native addon of tfjs-node: Node only; CPU, or CUDA where its library has it. */
export const tensorflow: Engine = {
  name: 'tensorflow',
  async start() {
    if (!isNode()) {
      throw new EngineError('tensorflow', {
        reason: 'it needs Node',
        cure: "Use 'webgpu', 'webgl' or 'wasm'.",
      });
    }
    await prepareProcess();
    await importAddon();
    await setBackend('tensorflow', build);
    const backend = tf.backend() as tf.KernelBackend & NodeBackend;
    registerTensorflowReluGrad();
    registerBatchNormGradients();
    registerTensorflowFusedConv2d(backend);
    const device = backend.isUsingGpuDevice ? 'GPU' : 'CPU';
    const threads = Number(process.env['TF_NUM_INTRAOP_THREADS']) || (await coreCount());
    const detail = `libtensorflow ${backend.binding.TF_Version}, ${device}`;
    return { name: 'tensorflow', version: tf.version_core, threads: device === 'GPU' ? 0 : threads, detail };
  },
};

/** What tfjs-node needs of the process before it is imported. */
async function prepareProcess(): Promise<void> {
  // TensorFlow logs its CPU features at level 0 and oneDNN's note at 1; a user's own setting wins.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const { default: util } = await importNode('util');
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean };
  // Node 23 removed it, tfjs-node 4.22 calls it (tfjs#8609).
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
}

async function importAddon(): Promise<void> {
  const problems: EngineProblem[] = [];
  for (const name of packages) {
    try {
      if (!(await isBuilt(name))) throw new Error('no native addon');
      // A name that bundlers cannot see: no page may ever load it.
      await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
      return;
    } catch (error) {
      problems.push(problemOf(name, error));
    }
  }
  throw new EngineError('tensorflow', problems.find((problem) => problem.cure === build) ?? problems[0]!);
}

/** Importing the package without its addon would load all of TensorFlow.js first, and then fail. */
async function isBuilt(name: string): Promise<boolean> {
  const { createRequire } = await importNode('module');
  const { dirname, join } = await importNode('path');
  const { readdir } = await importNode('fs');
  const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  const files = await readdir(join(folder, 'lib'), { recursive: true }).catch(() => []);
  return files.some((file) => file.endsWith('tfjs_binding.node'));
}

function problemOf(name: string, error: unknown): EngineProblem {
  if (isNotInstalled(error, name)) {
    return {
      reason: `${name} is not installed`,
      cure: `Run \`npm install --ignore-scripts ${name}@${tf.version_core}\`, then \`roikit doctor --install-native\`.`,
    };
  }
  const message = firstLine(error);
  const reason = message.includes('native addon')
    ? `the native addon of ${name} is not built`
    : `${name}: ${message}`;
  return { reason, cure: build };
}
