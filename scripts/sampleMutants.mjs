// A Stryker plugin: of all mutants, only `sample.size` drawn at random are tried. A checker is asked before any test runs,
// and a mutant that it refuses is not tried; Stryker knows that as a compile error.

import { createHash } from 'node:crypto';
import { CheckStatus } from '@stryker-mutator/api/check';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';

const checkResult = {
  drawn: { status: CheckStatus.Passed },
  left: { status: CheckStatus.CompileError, reason: 'not drawn' },
};

class SampleChecker {
  static inject = tokens(commonTokens.options);
  #drawn = new Set();

  constructor({ sample }) {
    this.sample = sample;
  }

  async init() {}

  // Stryker shows all mutants here, before it asks about any. Ranked by a hash: other files don't move it.
  async group(mutants) {
    const ranked = mutants
      .map((mutant) => ({ id: mutant.id, rank: this.#rank(mutant) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1));
    const ids = ranked.map(({ id }) => id);
    this.#drawn = new Set(ids.slice(0, this.sample.size));
    return [ids];
  }

  async check(mutants) {
    const answer = (id) => (this.#drawn.has(id) ? checkResult.drawn : checkResult.left);
    return Object.fromEntries(mutants.map(({ id }) => [id, answer(id)]));
  }

  #rank({ fileName, location, replacement }) {
    const file = fileName.replaceAll('\\', '/').replace(/.*\/packages\//, '');
    const what = JSON.stringify([this.sample.seed, file, location, replacement]);
    return createHash('sha256').update(what).digest('hex');
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'sample', SampleChecker)];

export const strykerValidationSchema = { properties: { sample: { type: 'object' } } };
