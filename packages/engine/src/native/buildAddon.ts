import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EngineError } from '../engineError';
import { resolveFrom } from './addonPackage';
import { runCommand } from './runCommand';
import type { NativeInstallOptions } from './types';

/** The names under which the linker and, later, the loader look for the two libraries. */
const links = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow_cc.so.2': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  'libtensorflow_framework.so.2': 'libtensorflow_framework.so.2',
};

const buildCure =
  'Install a C++ compiler, make and Python 3 (Debian: `apt install g++ make python3`) and try again.';

/**
 * Compiles the addon of tfjs-node against unpacked libraries, which stay where they are. The package's own install
 * script is not run: it deletes `deps/` and downloads TensorFlow 2.9.
 */
export async function buildAddon(
  packageFolder: string,
  libraries: string,
  options: NativeInstallOptions,
): Promise<void> {
  const { signal, onProgress } = options;
  await removeAddon(packageFolder);
  await mkdir(join(packageFolder, 'deps', 'lib'), { recursive: true });
  await symlink(join(libraries, 'include'), join(packageFolder, 'deps', 'include'));
  for (const [name, target] of Object.entries(links)) {
    await symlink(join(libraries, target), join(packageFolder, 'deps', 'lib', name));
  }
  const nodePreGyp = resolveFrom(packageFolder, '@mapbox/node-pre-gyp/bin/node-pre-gyp');
  const headers = await nodeHeaders();
  try {
    await runCommand(process.execPath, [nodePreGyp, 'install', '--build-from-source'], {
      cwd: packageFolder,
      signal,
      env: headers === undefined ? {} : { npm_config_nodedir: headers },
      onLine: (line) => onProgress?.({ type: 'build', line }),
      cure: buildCure,
    });
  } catch (error) {
    await removeAddon(packageFolder);
    throw error;
  }
}

/** Takes the addon and its links away, so that `useEngine('auto')` does not meet half of one. */
export async function removeAddon(packageFolder: string): Promise<void> {
  for (const name of ['deps', 'build', 'lib'])
    await rm(join(packageFolder, name), { recursive: true, force: true });
}

/** The prefix that has this Node's own headers; node-gyp downloads them where there is none. */
export async function nodeHeaders(): Promise<string | undefined> {
  for (const prefix of [dirname(dirname(process.execPath)), '/usr', '/usr/local']) {
    const file = join(prefix, 'include', 'node', 'node_version.h');
    const text = await readFile(file, 'utf8').catch(() => '');
    const major = /#define NODE_MAJOR_VERSION (\d+)/.exec(text)?.[1];
    if (major === process.versions.node.split('.')[0]) return prefix;
  }
  return undefined;
}

/** What `deps/roikit.json` says of a finished addon. */
export interface AddonRecord {
  libraryFolder: string;
  tensorflow: string;
}

const recordFile = (packageFolder: string): string => join(packageFolder, 'deps', 'roikit.json');

/** The record of an addon that was built, and that loads; undefined when there is none. */
export async function readAddon(
  packageFolder: string,
  signal?: AbortSignal,
): Promise<AddonRecord | undefined> {
  const text = await readFile(recordFile(packageFolder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as AddonRecord;
    await checkAddon(packageFolder, signal);
    return record;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

/** Written last: an addon without it is taken for half a one. */
export async function writeAddon(packageFolder: string, record: AddonRecord): Promise<void> {
  await writeFile(recordFile(packageFolder), JSON.stringify(record, null, 2));
}

/** Loads the addon in a process of its own and multiplies two matrices; returns the version of libtensorflow. */
export async function checkAddon(packageFolder: string, signal?: AbortSignal): Promise<string> {
  const output = await runCommand(process.execPath, ['-e', program, packageFolder], {
    signal,
    env: { TF_CPP_MIN_LOG_LEVEL: '2' },
    cure: 'Run the installation again; if it stays so, report it with the lines above.',
  });
  const version = /^libtensorflow (\S+)$/m.exec(output)?.[1];
  if (version !== undefined) return version;
  const reason = 'the addon loads but computes nothing';
  throw new EngineError('tensorflow', { reason, cure: 'Remove it and install again.' });
}

const program = `
const util = require('util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
const tf = require(process.argv[1]);
const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync();
if (product[0] === 3) console.log('libtensorflow ' + tf.backend().binding.TF_Version);
`;
