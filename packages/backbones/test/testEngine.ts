import type { EngineName } from '@roikit/engine';
import { useEngine } from '@roikit/engine';

/** The engine the tests run on: wasm, which is everywhere, or the one named in ROIKIT_ENGINE. */
export async function useTestEngine(): Promise<void> {
  await useEngine((process.env.ROIKIT_ENGINE ?? 'wasm') as EngineName);
}
