import { useEngine, type EngineInfo, type EngineName } from '@roikit/engine';
import { assetUrl } from './assets';

export type EngineChoice = 'webgpu' | 'webgl' | 'wasm';

/**
 * Starts an engine. `auto` leaves GPUs that are the CPU in disguise aside: wasm is faster there.
 */
export async function startEngine(name: EngineChoice | 'auto'): Promise<EngineInfo> {
  const options = { wasmPaths: assetUrl('wasm/') };
  if (name !== 'auto') return useEngine(name, options);
  for (const candidate of await offeredEngines()) {
    const info = await useEngine(candidate, options).catch(() => undefined);
    if (info !== undefined && info.gpu?.isSoftware !== true && !softwareWebgl(info.name)) return info;
  }
  return useEngine('wasm', options);
}

/** What this browser seems to have, the fastest first. Whether an engine starts, only starting it tells. */
export async function offeredEngines(): Promise<EngineChoice[]> {
  const gpu = (navigator as { gpu?: { requestAdapter(): Promise<object | null> } }).gpu;
  const adapter = await gpu?.requestAdapter().catch(() => null);
  const webgl = new OffscreenCanvas(1, 1).getContext('webgl2') !== null;
  return [...(adapter ? (['webgpu'] as const) : []), ...(webgl ? (['webgl'] as const) : []), 'wasm'];
}

function softwareWebgl(name: EngineName): boolean {
  if (name !== 'webgl') return false;
  const context = new OffscreenCanvas(1, 1).getContext('webgl2');
  const about = context?.getExtension('WEBGL_debug_renderer_info');
  const renderer = about ? String(context?.getParameter(about.UNMASKED_RENDERER_WEBGL)) : '';
  return /swiftshader|llvmpipe|software|basic render/i.test(renderer);
}
