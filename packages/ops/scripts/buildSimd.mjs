// Compiles assembly/index.ts and writes it, as base64, to src/host/simdBinary.ts. `--check` only compares.
//   node scripts/buildSimd.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${root}src/host/simdBinary.ts`;

let binary;
const { error, stderr } = await main(
  // The caller owns the memory, so the stub runtime's allocator is never called and no check may abort.
  ['assembly/index.ts', '-o', 'simd.wasm', '-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert'],
  {
    readFile: (name) => {
      try {
        return readFileSync(root + name, 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (_name, contents) => (binary = contents),
    listFiles: () => [],
  },
);
if (error) throw new Error(`${error.message}\n${stderr}`);

const base64 = Buffer.from(binary)
  .toString('base64')
  .replace(/.{1,116}/g, (line) => `  '${line}'`);
const lines = base64.split(`'  '`).join(`' +\n  '`).trimStart();
const source = `// Made by scripts/buildSimd.mjs from assembly/index.ts (${binary.length} bytes); do not edit.
export const simdBinary =
  ${lines};
`;
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== source) {
    throw new Error(
      'src/host/simdBinary.ts is not what assembly/index.ts compiles to: run node scripts/buildSimd.mjs',
    );
  }
} else writeFileSync(target, source);
