import { firstLine } from './engineError';
import { engineNamed, startEngine } from './engines/index';
import { hasHardwareGpu } from './engines/webgpu';
import { measureSpeed, type Speed } from './measure';
import { isNode } from './runtime';
import type { EngineInfo, EngineName, EngineOptions, EngineStatus } from './types';

/** Engines in the order in which `auto` would have them, of those that compute where we are. */
function order(): EngineName[] {
  return isNode() ? ['tensorflow', 'wasm'] : ['webgpu', 'webgl', 'wasm'];
}

/** What training is made of: one forward part, two of gradients. */
const trainingSpeed = ({ gflops, gradientGflops }: Speed): number => 3 / (1 / gflops + 2 / gradientGflops);

/** What `useEngine('auto')` takes, of engines that `diagnose` measured. */
export function autoChoice(statuses: readonly EngineStatus[]): EngineName | undefined {
  const usable = statuses.filter((status) => status.usable);
  const first = order().flatMap((name) => usable.filter((status) => status.name === name))[0];
  const gpu = usable.find(({ name }) => name === 'webgpu');
  if (!isNode() || gpu === undefined || gpu.gpu!.isSoftware) return first?.name;
  return first === undefined || trainingSpeed(gpu) > trainingSpeed(first) ? 'webgpu' : first.name;
}

/** Starts it: in Node webgpu where there is a GPU that beats the engine of the CPU, measured here and now. */
export async function startAuto(options: EngineOptions): Promise<EngineInfo> {
  const problems: string[] = [];
  const start = (name: EngineName) =>
    startEngine(engineNamed(name), options).catch((error: unknown) => {
      problems.push(firstLine(error));
      return undefined;
    });
  const names = order();
  let info: EngineInfo | undefined;
  while (info === undefined && names.length > 0) info = await start(names.shift()!);
  if (isNode() && (await hasHardwareGpu())) {
    const speed = info === undefined ? 0 : trainingSpeed(await measureSpeed());
    const gpu = await start('webgpu');
    if (gpu !== undefined && trainingSpeed(await measureSpeed()) > speed) return gpu;
    if (info !== undefined) return startEngine(engineNamed(info.name), options);
    info = gpu;
  }
  if (info !== undefined) return info;
  throw new Error(`useEngine: no engine works here: ${problems.join('; ')}`);
}
