import type { Plugin } from 'vite';

/** Writes the list of all built files, which the service worker keeps, so that the page works without a network. */
export function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const files = Object.keys(bundle).filter((name) => !name.endsWith('.map') && name !== 'sw.js');
      this.emitFile({ type: 'asset', fileName: 'files.json', source: JSON.stringify(['./', ...files]) });
    },
  };
}
