import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** The arrows of docs/architecture.md: what a package's sources may import, besides themselves. */
const ARROWS: Record<string, string[]> = {
  geometry: [],
  image: [],
  proposals: ['geometry', 'image'],
  draw: ['geometry', 'image'],
  engine: [],
  ops: [],
  weights: [],
  training: ['geometry', 'weights'],
  datasets: ['geometry', 'image'],
  backbones: ['geometry', 'ops', 'weights'],
  classification: ['geometry', 'image', 'ops', 'weights', 'training', 'backbones'],
  heads: ['geometry', 'ops'],
  detectors: [
    'geometry',
    'image',
    'proposals',
    'engine',
    'ops',
    'weights',
    'training',
    'datasets',
    'backbones',
    'heads',
  ],
  jobs: [],
};
/** Packages that know no TensorFlow.js. */
const WITHOUT_TENSORS = ['geometry', 'image', 'draw', 'proposals', 'weights', 'datasets', 'jobs'];

const packages = Object.keys(ARROWS);

function sourceFiles(name: string): string[] {
  const folder = join(root, 'packages', name, 'src');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Every module a file names: static, type-only and dynamic imports. */
function importsOf(file: string): string[] {
  return ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.map(({ fileName }) => fileName);
}

/** What is loaded along with a file. */
function staticImportsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement) && statement.importClause?.isTypeOnly) return [];
    if (ts.isExportDeclaration(statement) && statement.isTypeOnly) return [];
    const isModule = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement);
    const specifier = isModule ? statement.moduleSpecifier : undefined;
    return specifier && ts.isStringLiteral(specifier) ? [specifier.text] : [];
  });
}

/** A package's browser entry and all files it loads. */
function loadedByIndex(name: string): Set<string> {
  const known = new Set(sourceFiles(name));
  const loaded = new Set<string>();
  const visit = (file: string) => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const specifier of staticImportsOf(file).filter((text) => text.startsWith('.'))) {
      const path = join(dirname(file), specifier);
      const target = [`${path}.ts`, join(path, 'index.ts')].find((candidate) => known.has(candidate));
      if (target) visit(target);
    }
  };
  visit(join(root, 'packages', name, 'src', 'index.ts'));
  return loaded;
}

/** `@scope/name/path` or `name/path` → the package's name. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function externalImports(name: string): { file: string; specifier: string }[] {
  return sourceFiles(name).flatMap((file) =>
    importsOf(file)
      .filter((specifier) => !specifier.startsWith('.'))
      .map((specifier) => ({ file: file.slice(root.length + 1), specifier })),
  );
}

test('every package is in the table', () => {
  const folders = readdirSync(join(root, 'packages')).filter((name) => name !== 'pretrained'); // data, no code
  expect(folders.toSorted()).toEqual(packages.toSorted());
});

describe.each(packages)('%s', (name) => {
  const imports = externalImports(name);

  test('imports only the packages below it', () => {
    const allowed = ARROWS[name]!.map((below) => `@roikit/${below}`);
    const wrong = imports.filter(
      ({ specifier }) => specifier.startsWith('@roikit/') && !allowed.includes(packageOf(specifier)),
    );
    expect(wrong).toEqual([]);
  });

  test('declares what it imports', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const wrong = imports.filter(
      ({ specifier }) => !specifier.startsWith('node:') && !declared.includes(packageOf(specifier)),
    );
    expect(wrong).toEqual([]);
  });

  test('meets TensorFlow.js only where tensors belong', () => {
    const tensors = imports.filter(({ specifier }) => specifier.startsWith('@tensorflow/'));
    expect(WITHOUT_TENSORS.includes(name) ? tensors : []).toEqual([]);
  });

  test('keeps Node behind its /node entry: a page that imports the package loads none of it', () => {
    const wrong = [...loadedByIndex(name)].flatMap((file) =>
      staticImportsOf(file)
        .filter((specifier) => specifier.startsWith('node:'))
        .map((specifier) => ({ file: file.slice(root.length + 1), specifier })),
    );
    expect(wrong).toEqual([]);
  });
});
