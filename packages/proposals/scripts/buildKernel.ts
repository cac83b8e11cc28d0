// Compiles kernel/*.ts (AssemblyScript) to WebAssembly and writes it, as text, to src/kernel/bytes.ts: npm run build:kernel
import { main } from 'assemblyscript/asc';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** The compiled kernel, base64. */
export async function compileKernel(): Promise<string> {
  let binary: Uint8Array = new Uint8Array();
  const options = ['--runtime', 'stub', '-O3', '--noAssert', '--enable', 'simd', '--baseDir', folder];
  const { error, stderr } = await main(['kernel/index.ts', '--outFile', 'kernel.wasm', ...options], {
    writeFile: (_name, contents) => {
      binary = contents as Uint8Array;
    },
  });
  if (error) throw new Error(`buildKernel: ${error.message}\n${stderr.toString()}`);
  return Buffer.from(binary).toString('base64');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = (await compileKernel()).match(/.{1,120}/g)!;
  const text = `// Made by scripts/buildKernel.ts from kernel/*.ts; do not edit.\nexport const KERNEL_BASE64 =\n  ${lines.map((line) => `'${line}'`).join(' +\n  ')};\n`;
  writeFileSync(`${folder}/src/kernel/bytes.ts`, text);
}
