import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const MINUTES = 15;

/** A program to its end, with what it printed. One that hangs is ended, so that its check says so. */
export async function run(file, args, options = {}) {
  const limits = { maxBuffer: 2 ** 26, timeout: MINUTES * 60_000 };
  try {
    return await promisify(execFile)(file, args, { ...limits, ...options });
  } catch (error) {
    if (error.killed) error.stderr += `\nended after ${MINUTES} minutes`;
    throw error;
  }
}

export const node = (args, options) => run(process.execPath, args, options);
/** The repository's TypeScript, in somebody else's project. */
export const tsc = (args, options) => node([join(root, 'node_modules/typescript/bin/tsc'), ...args], options);
export const pnpm = (args, options) => run('npx', ['--yes', 'pnpm@10.34.8', ...args], options);

/** What a registry has to answer is asked three times: a connection that drops says nothing about the packages. */
export async function retried(action) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (attempt === 3) throw error;
      console.log(
        `  once more: ${String(error.stderr || error)
          .trim()
          .split('\n')
          .at(-1)}`,
      );
      await setTimeout(attempt * 5000);
    }
  }
}
