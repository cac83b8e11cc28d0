/** Node's own modules that are used behind `isNode()`. */
interface NodeModules {
  fs: typeof import('node:fs/promises');
  module: typeof import('node:module');
  os: { default: typeof import('node:os') };
  path: typeof import('node:path');
  util: { default: typeof import('node:util') };
  worker_threads: { default: typeof import('node:worker_threads') };
}

/** Imports a module of Node under a name that bundlers cannot see: a page's bundle must neither hold nor miss it. */
export function importNode<Name extends keyof NodeModules>(name: Name): Promise<NodeModules[Name]> {
  const specifier = name === 'fs' ? 'node:fs/promises' : `node:${name}`;
  return import(/* @vite-ignore */ /* webpackIgnore: true */ specifier) as Promise<NodeModules[Name]>;
}
