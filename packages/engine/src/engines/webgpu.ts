import * as tf from '@tensorflow/tfjs-core';
import { EngineError, firstLine, isNotInstalled } from '../engineError';
import { isNode } from '../runtime';
import type { Engine, GpuInfo } from '../types';
import { featuresInUse, registerDevice } from '../webgpu/device';
import { recordThroughCache } from '../webgpu/recordDispatch';
import { registerWebgpuKernels } from '../webgpu/registerWebgpuKernels';
import { setBackend } from './setBackend';

/** The parts of WebGPU that are used here; the build has no DOM types. */
interface Gpu {
  requestAdapter(options?: { powerPreference: 'high-performance' }): Promise<Adapter | null>;
}

interface Adapter {
  info?: {
    vendor?: string;
    architecture?: string;
    device?: string;
    description?: string;
    isFallbackAdapter?: boolean;
  };
  features: Iterable<string>;
  limits: GpuInfo['limits'];
}

/** The GPU through WebGPU: in pages, and in Node where the npm package `webgpu` (Dawn) is installed. */
export const webgpu: Engine = {
  name: 'webgpu',
  async start({ precision }) {
    const adapter = await findAdapter();
    const { WebGPUBackend } = await importBackend();
    registerDevice(...([adapter, WebGPUBackend, precision] as unknown as Parameters<typeof registerDevice>));
    await setBackend('webgpu', isNode() ? driverCure : browserCure);
    registerWebgpuKernels();
    recordThroughCache(tf.backend());
    const { vendor = '', description = '', device = '' } = adapter.info ?? {};
    const detail = [vendor, description || device].filter((part) => part !== '').join(' ') || 'WebGPU';
    return {
      name: 'webgpu',
      version: tf.version_core,
      threads: 0,
      detail,
      gpu: { ...describe(adapter), featuresInUse: featuresInUse() },
    };
  },
};

/** In a `try`, by which bundlers know that a page may do without it. */
async function importBackend() {
  try {
    return await import('@tensorflow/tfjs-backend-webgpu');
  } catch (cause) {
    const cure = "Install @tensorflow/tfjs-backend-webgpu, or use 'wasm'.";
    throw new EngineError('webgpu', { reason: 'its package could not be loaded', cure }, { cause });
  }
}

/** Whether there is a GPU that is more than the CPU in disguise. */
export async function hasHardwareGpu(): Promise<boolean> {
  return findAdapter().then(
    (adapter) => !describe(adapter).isSoftware,
    () => false,
  );
}

/** The adapter that TensorFlow.js will ask for too. */
async function findAdapter(): Promise<Adapter> {
  if (isNode()) await provideGpu();
  const gpu = (globalThis as { navigator?: { gpu?: Gpu } }).navigator?.gpu;
  if (gpu === undefined)
    throw new EngineError('webgpu', { reason: 'this browser has no WebGPU', cure: browserCure });
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter !== null) return adapter;
  throw new EngineError('webgpu', {
    reason: 'WebGPU finds no GPU',
    cure: isNode() ? driverCure : browserCure,
  });
}

/** Drivers that compute on the CPU; not all of them say so in `isFallbackAdapter`. */
const softwareDrivers = /swiftshader|llvmpipe|lavapipe|warp|basic render/i;

function describe({ info = {}, features, limits }: Adapter): Omit<GpuInfo, 'featuresInUse'> {
  const names = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return {
    isSoftware: info.isFallbackAdapter === true || softwareDrivers.test(names),
    features: [...features].sort(),
    limits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
  };
}

const browserCure = "Use a browser with WebGPU (Chrome 113, Safari 26, Firefox 141), or 'webgl'.";

const driverCure =
  "Install the GPU's Vulkan driver, or name a software one in VK_ICD_FILENAMES (Chromium brings vk_swiftshader_icd.json).";

/** The instance lives as long as the process: Dawn's objects must not outlive it. */
let provided: Gpu | undefined;

/** Puts Dawn's WebGPU where the backend looks for it, at `navigator.gpu`. */
async function provideGpu(): Promise<void> {
  if (provided !== undefined) return;
  const { create, globals } = await importDawn();
  provided = create([]);
  Object.assign(globalThis, globals);
  const scope = globalThis as { navigator?: object };
  // Node 20 has no navigator.
  if (scope.navigator === undefined)
    Object.defineProperty(scope, 'navigator', { value: {}, configurable: true });
  Object.defineProperty(scope.navigator, 'gpu', { value: provided, configurable: true });
}

interface Dawn {
  create(flags: string[]): Gpu;
  globals: object;
}

async function importDawn(): Promise<Dawn> {
  const name = 'webgpu';
  try {
    // A name that bundlers cannot see: no page needs it.
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as Dawn;
  } catch (error) {
    const missing = isNotInstalled(error, name);
    const reason = missing ? 'the npm package webgpu is not installed' : `webgpu: ${firstLine(error)}`;
    const cure = missing ? 'Run `npm install webgpu` (130 MB).' : driverCure;
    throw new EngineError('webgpu', { reason, cure }, { cause: error });
  }
}
