// Compiles assembly/ and embeds the module as base64, so that it needs no file beside the bundle:
// node assembly/build.mjs. The result is committed; test/kernelModule.test.ts checks that it is current.
import { readFile, writeFile } from 'node:fs/promises';
import { main as asc } from 'assemblyscript/asc';

const options = [
  '--runtime',
  'stub',
  '--importMemory',
  '--enable',
  'simd',
  '-O3',
  '--noAssert',
  '--converge',
];

/** Memory that the backend's threaded build shares with its workers has a type of its own. */
const shared = ['--enable', 'threads', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'];

/** The compiled module, for memory of one kind. It holds no data of its own: the memory it imports belongs to the wasm backend. */
export async function compileKernels({ threads }) {
  const folder = new URL('..', import.meta.url).pathname;
  let binary;
  const { error, stderr } = await asc(
    ['assembly/index.ts', ...options, ...(threads ? shared : []), '--outFile', 'kernels.wasm'],
    {
      readFile: (name) => readFile(folder + name, 'utf8').catch(() => null),
      writeFile: (name, contents) => void (binary = contents),
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return Buffer.from(binary);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [single, threaded] = await Promise.all([false, true].map((threads) => compileKernels({ threads })));
  const text = `/** Compiled from assembly/ by assembly/build.mjs; base64. */
export const kernelModule =
  '${single.toString('base64')}';

/** The same for shared memory. */
export const threadedKernelModule =
  '${threaded.toString('base64')}';
`;
  await writeFile(new URL('../src/kernels/kernelModule.ts', import.meta.url), text);
  console.log(`${single.length} + ${threaded.length} bytes`);
}
