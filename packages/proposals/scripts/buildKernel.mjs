// Compiles kernel/*.ts (AssemblyScript) to WebAssembly and writes it, as text, to src/kernel/bytes.ts.
import { writeFileSync } from 'node:fs';
import { main } from 'assemblyscript/asc';

const folder = new URL('..', import.meta.url);

/** The compiled kernel, base64. */
export async function compileKernel() {
  let binary;
  const { error, stderr } = await main(
    [
      'kernel/index.ts',
      '--outFile',
      'kernel.wasm',
      '--runtime',
      'stub',
      '-O3',
      '--noAssert',
      '--enable',
      'simd',
      '--baseDir',
      '.',
    ],
    {
      writeFile: (_name, contents) => void (binary = contents),
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return Buffer.from(binary).toString('base64');
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  process.chdir(folder.pathname);
  const lines = (await compileKernel()).match(/.{1,120}/g);
  const text = `// Made by scripts/buildKernel.mjs from kernel/*.ts; do not edit.\nexport const KERNEL_BASE64 =\n  ${lines.map((line) => `'${line}'`).join(' +\n  ')};\n`;
  writeFileSync(new URL('src/kernel/bytes.ts', folder), text);
}
