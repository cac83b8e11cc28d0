import type * as fs from 'node:fs/promises';
import type * as module from 'node:module';
import type * as os from 'node:os';
import type * as path from 'node:path';
import type * as util from 'node:util';
import type * as workerThreads from 'node:worker_threads';

/** Node's own modules that are used behind `isNode()`. */
interface NodeModules {
  fs: typeof fs;
  module: typeof module;
  os: { default: typeof os };
  path: typeof path;
  util: { default: typeof util };
  worker_threads: { default: typeof workerThreads };
}

/** Imports a module of Node under a name that bundlers cannot see: a page's bundle must neither hold nor miss it. */
export function importNode<Name extends keyof NodeModules>(name: Name): Promise<NodeModules[Name]> {
  const specifier = name === 'fs' ? 'node:fs/promises' : `node:${name}`;
  return import(/* @vite-ignore */ /* webpackIgnore: true */ specifier) as Promise<NodeModules[Name]>;
}
