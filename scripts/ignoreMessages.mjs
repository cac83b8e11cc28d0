// A Stryker plugin: the wording of an error is no behaviour that a mutant should change; that it is thrown is.

import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const isMessage = (path) =>
  (path.isStringLiteral() || path.isTemplateLiteral()) &&
  path.findParent((parent) => parent.isThrowStatement() || isNewError(parent)) !== null;

const isNewError = (path) => path.isNewExpression() && path.get('callee').toString().endsWith('Error');

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'messages', {
    shouldIgnore: (path) => (isMessage(path) ? "an error's wording" : undefined),
  }),
];
