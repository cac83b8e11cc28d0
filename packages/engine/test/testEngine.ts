import { type EngineName, useEngine } from '@roikit/engine';

/** The engine that tests of other packages run on: wasm, which is everywhere, or the one named in ROIKIT_ENGINE. */
export const testEngine = (process.env['ROIKIT_ENGINE'] ?? 'wasm') as EngineName;

export async function useTestEngine(): Promise<void> {
  await useEngine(testEngine);
}
