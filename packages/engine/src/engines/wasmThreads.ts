import * as tf from '@tensorflow/tfjs-core';
import { importNode } from '../importNode';

/**
 * TensorFlow.js ships a threaded build of its wasm backend and switches it off in Node (tfjs#3830). What stood in its
 * way was the start of its workers, so that is what this supplies; docs/engines.md has the story.
 */
export async function withNodeThreads(threads: number, start: () => Promise<void>): Promise<void> {
  const { createRequire, syncBuiltinESMExports } = await importNode('module');
  const { dirname, join } = await importNode('path');
  const { default: os } = await importNode('os');
  const { default: workerThreads } = await importNode('worker_threads');
  const backend = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  const folder = join(dirname(backend), 'wasm-out');
  const { Worker } = workerThreads;
  const { cpus } = os;
  // The backend starts its workers from a blob's URL, which Node's Worker does not take.
  const started: InstanceType<typeof Worker>[] = [];
  workerThreads.Worker = class extends Worker {
    constructor() {
      // Not the flags of the process: `--input-type=module` would take `require` from them.
      super(workerSource, { eval: true, workerData: folder, execArgv: [] });
      started.push(this);
    }
  };
  // Its pool has half as many threads as there are cores at most, and four.
  os.cpus = () => Array.from({ length: 2 * threads }, () => cpus()[0]!);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', true);
  try {
    await start();
    // They wait for work for ever: a process that has nothing else to do shall end.
    for (const worker of started) worker.unref();
  } finally {
    workerThreads.Worker = Worker;
    os.cpus = cpus;
    syncBuiltinESMExports();
  }
}

/** What the backend's own worker expects to find in a page: the script that it imports again, at any URL. */
const workerSource = `
const { join } = require('node:path');
const folder = require('node:worker_threads').workerData;
const script = join(folder, 'tfjs-backend-wasm-threaded-simd.js');
Object.assign(globalThis, { require, __filename: script, __dirname: folder });
URL.createObjectURL = () => script;
URL.revokeObjectURL = () => {};
const { wasmWorkerContents } = require(join(folder, 'tfjs-backend-wasm-threaded-simd.worker.js'));
(0, eval)(wasmWorkerContents.replace(/\\n/g, '\\\\n'));
`;
