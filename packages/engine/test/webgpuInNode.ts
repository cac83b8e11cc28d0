import { existsSync } from 'node:fs';
import { useEngine, type EngineOptions } from '../src/index';

/** Where distributions put the software Vulkan driver that Chromium brings. */
const swiftShader = ['/usr/lib/chromium', '/usr/lib64/chromium', '/opt/google/chrome']
  .map((folder) => `${folder}/vk_swiftshader_icd.json`)
  .find((file) => existsSync(file));

/** Names Chromium's driver, unless a GPU was named; before the first use of webgpu. */
export function useSoftwareGpu(): void {
  if (swiftShader !== undefined) process.env['VK_ICD_FILENAMES'] ??= swiftShader;
}

/** Starts webgpu on the GPU that is named in VK_ICD_FILENAMES, or on Chromium's software one; false, said aloud, where there is none. */
export async function startWebgpu(options: EngineOptions = {}): Promise<boolean> {
  useSoftwareGpu();
  return useEngine('webgpu', options).then(
    () => true,
    (error: Error) => {
      console.warn(`SKIPPED: webgpu in Node: ${error.message}`);
      return false;
    },
  );
}
