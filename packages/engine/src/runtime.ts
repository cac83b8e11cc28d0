import { importNode } from './importNode';

/** The two properties of a page's `navigator` that are read here; the build has no DOM types. */
declare const navigator: { hardwareConcurrency?: number; userAgent: string };

/** True in Node (and Bun, Deno with Node's globals), false in a page or a web worker. */
export function isNode(): boolean {
  return typeof process !== 'undefined' && typeof process.versions?.node === 'string';
}

/** Logical cores this process may use. */
export async function coreCount(): Promise<number> {
  if (!isNode()) return navigator.hardwareConcurrency || 1;
  const { default: os } = await importNode('os');
  return os.availableParallelism();
}

/** One line that names the runtime. */
export function runtimeName(): string {
  if (!isNode()) return navigator.userAgent;
  return `Node ${process.versions.node}, ${process.platform} ${process.arch}`;
}
