import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import webpack from 'webpack';
import { check } from './checks.mjs';
import { root } from './run.mjs';

/** What a page loads first may have so many bytes of gzip, TensorFlow.js apart. `--update` writes measured + 10 %. */
const SIZES = join(root, 'scripts/packages/sizes.json');
/** Imports whose size people ask about, besides whole entries. */
const NAMED = [
  ['@roikit/weights', 'writeSafetensors'],
  ['@roikit/detectors', 'loadDetector'],
  ['@roikit/geometry', 'nms'],
];

/** Entries for pages (not those that end in /node), by the three bundlers people have. */
export async function bundleAll(project, entries) {
  const page = entries.filter((entry) => !entry.endsWith('/node'));
  await checkSizes(project, page);
  const files = Object.fromEntries(page.map((entry) => [fileName(entry), entryFile(project, entry)]));
  await check(`Vite: ${page.length} entries`, () => withVite(project, files));
  await check(`webpack: ${page.length} entries`, () => withWebpack(project, files));
}

const fileName = (entry) => entry.replaceAll(/[@/]/g, '_');

function entryFile(project, entry) {
  const file = join(project, `${fileName(entry)}.js`);
  writeFileSync(file, `import * as all from '${entry}';\nconsole.log(all);\n`);
  return file;
}

async function checkSizes(project, page) {
  const limits = JSON.parse(readFileSync(SIZES, 'utf8'));
  const measured = {};
  const codes = [
    ...page.map((entry) => [entry, `export * from '${entry}'`]),
    ...NAMED.map(([entry, name]) => [`${name} of ${entry}`, `export { ${name} } from '${entry}'`]),
  ];
  for (const [what, code] of codes) {
    await check(`esbuild: ${what}`, async () => {
      measured[what] = await firstLoad(project, code, ['@tensorflow/*']);
      const text = `${measured[what]} bytes gzip`;
      if (process.argv.includes('--update')) return;
      if (!(measured[what] <= limits[what]))
        throw new Error(`${text}, at most ${limits[what]} (npm run check:packages -- --update)`);
      console.log(`  ${text}`);
    });
  }
  // Everything in, as installed: without the peers that are optional.
  await check('esbuild: @roikit/engine with TensorFlow.js', () =>
    firstLoad(project, "export * from '@roikit/engine'"),
  );
  if (process.argv.includes('--update')) {
    const raised = Object.entries(measured).map(([what, bytes]) => [what, Math.ceil(bytes * 1.1)]);
    writeFileSync(SIZES, `${JSON.stringify(Object.fromEntries(raised), undefined, 2)}\n`);
  }
}

/** Bytes of gzip that are there before the first line runs: the entry, and what it imports statically. */
async function firstLoad(project, contents, external = []) {
  const { outputFiles, metafile } = await esbuild({
    stdin: { contents, resolveDir: project },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    splitting: true,
    outdir: join(project, 'out'),
    absWorkingDir: project,
    minify: true,
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
    external,
  });
  const sizes = new Map(outputFiles.map(({ path, contents }) => [path, gzipSync(contents).length]));
  const seen = new Set();
  const visit = (path) => {
    if (seen.has(path)) return 0;
    seen.add(path);
    const next = metafile.outputs[path].imports.filter((i) => i.kind === 'import-statement' && !i.external);
    return sizes.get(join(project, path)) + next.reduce((sum, i) => sum + visit(i.path), 0);
  };
  return visit('out/stdin.js');
}

async function withVite(project, input) {
  await vite({
    root: project,
    configFile: false,
    logLevel: 'silent',
    build: { outDir: join(project, 'vite'), minify: false, target: 'es2022', rolldownOptions: { input } },
  });
}

async function withWebpack(project, entry) {
  const compiler = webpack({
    mode: 'production',
    target: 'web',
    context: project,
    entry,
    output: { path: join(project, 'webpack') },
    optimization: { minimize: false },
    performance: false,
  });
  const stats = await promisify(compiler.run.bind(compiler))();
  await promisify(compiler.close.bind(compiler))();
  if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
}
