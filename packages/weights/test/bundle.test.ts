import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** Kilobytes, minified and compressed, of the part that a page loads first, and whether a module is in it. */
async function bundled(name: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export { ${name} } from './src/index';`, resolveDir: `${import.meta.dirname}/..` },
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    external: ['h5wasm'],
    outdir: 'out',
    write: false,
    metafile: true,
  });
  const [first] = outputFiles.filter(({ path }) => path.endsWith('stdin.js'));
  const [, { inputs }] =
    Object.entries(metafile.outputs).find(([path]) => path.endsWith('stdin.js')) ?? expect.fail();
  return { kilobytes: gzipSync(first!.contents).length / 1024, inputs: Object.keys(inputs).join(' ') };
}

test('writing safetensors brings none of the readers into a page', async () => {
  const { kilobytes, inputs } = await bundled('writeSafetensors');
  expect(inputs).not.toMatch(/zip\.js|pth|readHdf5|readTfjs/);
  expect(kilobytes).toBeLessThan(4);
});

test('a reader is loaded when the first file of its kind is met', async () => {
  const { kilobytes, inputs } = await bundled('readStateDict');
  expect(inputs).not.toMatch(/zip\.js|pth|readHdf5|readTfjs/);
  expect(kilobytes).toBeLessThan(4);
});
