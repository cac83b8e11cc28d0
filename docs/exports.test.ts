import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const packages = join(import.meta.dirname, '../packages');
const parse = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
const fileOf = (from: string, specifier: string): string => {
  const path = join(dirname(from), specifier);
  return [`${path}.ts`, join(path, 'index.ts')].find((candidate) => existsSync(candidate))!;
};

/** Values that a module gives away without a docstring at their declaration; a type's fields say more than its name would. */
function undocumented(file: string, wanted?: Set<string>): string[] {
  return parse(file).statements.flatMap((statement): string[] => {
    if (ts.isExportDeclaration(statement)) return reexported(file, statement, wanted);
    const isExported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(isExport);
    if (!isExported || ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
      return [];
    const isDocumented = ts.getJSDocCommentsAndTags(statement).length > 0;
    return isDocumented ? [] : namesOf(statement).filter((name) => wanted?.has(name) ?? true);
  });
}

const isExport = (modifier: ts.ModifierLike): boolean => modifier.kind === ts.SyntaxKind.ExportKeyword;

function reexported(file: string, statement: ts.ExportDeclaration, wanted?: Set<string>): string[] {
  if (statement.moduleSpecifier === undefined || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
  const specifier = statement.moduleSpecifier.text;
  if (!specifier.startsWith('.')) return [];
  const source = fileOf(file, specifier);
  const clause = statement.exportClause;
  if (clause === undefined || !ts.isNamedExports(clause)) return undocumented(source, wanted);
  const names = clause.elements.filter(({ name }) => wanted?.has(name.text) ?? true);
  return undocumented(source, new Set(names.map(({ name, propertyName }) => (propertyName ?? name).text)));
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  return 'name' in statement && statement.name ? [(statement.name as ts.Identifier).text] : [];
}

const entries = readdirSync(packages).flatMap((name) =>
  ['index.ts', 'node.ts', 'layers.ts', 'worker.ts']
    .map((entry) => [name, entry, join(packages, name, 'src', entry)] as const)
    .filter(([, , file]) => existsSync(file)),
);

describe('every function, class and constant that a package exports says what it is', () => {
  test.each(entries)('%s/%s', (_name, _entry, file) => {
    expect(undocumented(file)).toEqual([]);
  });
});
