import { useEngine } from '../src/index';
import { measureNetworks } from './measureNetworks';

const page = {
  async measure(name: 'webgl' | 'webgpu' | 'wasm', budgetMs: number) {
    const info = await useEngine(name, { wasmPaths: '/' });
    return { info, timings: await measureNetworks({ budgetMs }) };
  },
};

export type Page = typeof page;
Object.assign(globalThis, { page });
