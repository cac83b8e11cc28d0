import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

// The package as a user gets it: built, packed and installed alone into an empty project.

const packageRoot = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string): string =>
  fileURLToPath(new URL(`../../../node_modules/.bin/${name}`, import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'roikit-geometry-'));
const project = join(temporary, 'project');

const run = (command: string, args: string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

beforeAll(() => {
  const staged = join(temporary, 'staged'); // not dist/, which a build may be writing
  mkdirSync(staged);
  mkdirSync(project);
  run(bin('tsup'), ['--out-dir', join(staged, 'dist')], packageRoot);
  for (const file of ['package.json', 'README.md']) copyFileSync(join(packageRoot, file), join(staged, file));
  const tarball = run('npm', ['pack', '--silent', '--pack-destination', temporary], staged).trim();
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(temporary, tarball)], project);
}, 300_000);

afterAll(() => rmSync(temporary, { recursive: true }));

const BOXES = 'Float32Array.of(0, 0, 2, 1, 0, 0, 2, 0.9, 5, 5, 6, 6)';
const CALL = `nms(${BOXES}, Float32Array.of(0.9, 0.8, 0.7), { iouThreshold: 0.5 }).join()`;

test('imports in Node', () => {
  writeFileSync(join(project, 'run.js'), `import { nms } from '@roikit/geometry'; console.log(${CALL});`);
  expect(run(process.execPath, ['run.js'], project).trim()).toBe('0,2');
});

test('its types are found, and refuse a wrong option', () => {
  const source = [
    "import { nms } from '@roikit/geometry';",
    'const one = Float32Array.of(1);',
    'export const kept: Int32Array = nms(one, one, { iouThreshold: 0.5 });',
    '// @ts-expect-error: no such option',
    'export const wrong = nms(one, one, { threshold: 0.5 });',
  ];
  writeFileSync(join(project, 'types.ts'), source.join('\n'));
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2022', '--module', 'nodenext'];
  expect(run(bin('tsc'), [...options, 'types.ts'], project)).toBe('');
});

test('bundled for the browser it is at most 15.5 kB minified + gzip, and needs nothing of Node', async () => {
  const { outputFiles } = await build({
    stdin: { contents: "export * from '@roikit/geometry';", resolveDir: project },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'geometry',
    write: false,
  });
  const code = outputFiles[0]!.text;
  const size = gzipSync(code).length;
  console.log(`@roikit/geometry for the browser: ${code.length} bytes minified, ${size} with gzip`);
  expect(size).toBeLessThanOrEqual(15_500);
  // a context with nothing but the language
  expect(runInNewContext(`${code}; geometry.${CALL.replaceAll('\n', '')}`)).toBe('0,2');
});
