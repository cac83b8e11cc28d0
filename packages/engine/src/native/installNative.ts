import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import envPaths from 'env-paths';
import { EngineError } from '../engineError';
import { findAddonPackage } from './addonPackage';
import { buildAddon, checkAddon, nodeHeaders, readAddon, removeAddon, writeAddon } from './buildAddon';
import { runCommand } from './runCommand';
import type { NativeInstallation, NativeInstallOptions, NativeInstallPlan } from './types';
import { fetchLibraries, findWheel, isUnpacked, type Wheel, wheelName } from './wheel';

/** TensorFlow 2.21's two libraries and headers, unpacked; the stock 2.9 is half of it. */
const diskBytes = { wheel: 860e6, stock: 420e6 };

/** What the stock script fetches: TensorFlow 2.9 and the addon. */
const stockDownloadBytes = 120e6;

/** Says what `installNative` with the same options would do; asks pip about the wheel, downloads nothing. */
export async function planNativeInstall(options: NativeInstallOptions = {}): Promise<NativeInstallPlan> {
  return options.from === 'stock' ? planStock() : (await planWheel(options)).plan;
}

/**
 * Installs the engine `tensorflow`: libtensorflow and the addon of tfjs-node that calls it. Running it again is quick
 * and changes nothing; stopped or killed at any point, it leaves no engine that half works.
 *
 * @throws EngineError with the cure where something is missing; the signal's reason when it was stopped
 */
export async function installNative(options: NativeInstallOptions = {}): Promise<NativeInstallation> {
  checkPlatform(options);
  return options.from === 'stock' ? installStock(options) : installWheel(options);
}

function checkPlatform({ from = 'wheel' }: NativeInstallOptions): void {
  if (from === 'stock' || process.platform === 'linux') return;
  const reason = `the libraries of TensorFlow's wheel are laid out for Linux, this is ${process.platform}`;
  throw new EngineError('tensorflow', { reason, cure: "Use from: 'stock'." });
}

async function planWheel(options: NativeInstallOptions): Promise<{ plan: NativeInstallPlan; wheel: Wheel }> {
  const packageFolder = findAddonPackage('wheel');
  const wheel = await findWheel(options);
  const cache = options.cacheFolder ?? envPaths('roikit', { suffix: '' }).cache;
  const libraryFolder = join(cache, 'libtensorflow', `${wheel.name}-${wheel.version}-${process.arch}`);
  const cached = await isUnpacked(libraryFolder);
  const megabytes = wheel.size === undefined ? 'some 300 MB' : `${Math.round(wheel.size / 1e6)} MB`;
  const fetch = [
    `Download the wheel ${wheel.name} ${wheel.version} with pip (${megabytes}) and check its SHA-256.`,
    `Unpack its two libraries and C headers (860 MB) to ${libraryFolder}; nothing of Python is installed.`,
  ];
  const headers = (await nodeHeaders()) === undefined ? " (node-gyp downloads Node's headers, 10 MB)" : '';
  const build = `Compile the addon in ${packageFolder} against them${headers}; needs g++, make and Python.`;
  const steps = [
    ...(cached ? [`Use the libraries in ${libraryFolder}.`] : fetch),
    build,
    'Load it and compute once.',
  ];
  const downloadBytes = cached ? 0 : wheel.size;
  const plan = {
    from: 'wheel',
    steps,
    downloadBytes,
    diskBytes: diskBytes.wheel,
    packageFolder,
    libraryFolder,
  } as const;
  return { plan, wheel };
}

async function installWheel(options: NativeInstallOptions): Promise<NativeInstallation> {
  const { signal, onProgress } = options;
  const packageFolder = findAddonPackage('wheel');
  const present = await readAddon(packageFolder, signal);
  const wanted = wheelName[options.device ?? 'cpu'];
  // Asks nobody: what is there and works stays until it is removed.
  if (present !== undefined && basename(present.libraryFolder).startsWith(`${wanted}-`)) {
    return { installed: false, packageFolder, ...present };
  }
  const { plan, wheel } = await planWheel(options);
  const { libraryFolder } = plan;
  onProgress?.({ type: 'plan', plan });
  if (!(await isUnpacked(libraryFolder))) await fetchLibraries(wheel, libraryFolder, options);
  await buildAddon(packageFolder, libraryFolder, options);
  return finish(packageFolder, libraryFolder, options);
}

/** Proves that the addon works before it counts as installed; takes it away where it does not. */
async function finish(
  packageFolder: string,
  libraryFolder: string,
  { signal, onProgress }: NativeInstallOptions,
): Promise<NativeInstallation> {
  try {
    const tensorflow = await checkAddon(packageFolder, signal);
    onProgress?.({ type: 'check', line: `libtensorflow ${tensorflow}` });
    await writeAddon(packageFolder, { libraryFolder, tensorflow });
    return { installed: true, tensorflow, packageFolder, libraryFolder };
  } catch (error) {
    await removeAddon(packageFolder);
    throw error;
  }
}

function planStock(): NativeInstallPlan {
  const packageFolder = findAddonPackage('stock');
  const libraryFolder = join(packageFolder, 'deps', 'lib');
  const steps = [
    `Run the install script of @tensorflow/tfjs-node ${tf.version_core} in ${packageFolder}: it downloads TensorFlow 2.9.1 and a ready addon.`,
    'Load it and compute once.',
  ];
  return {
    from: 'stock',
    steps,
    downloadBytes: stockDownloadBytes,
    diskBytes: diskBytes.stock,
    packageFolder,
    libraryFolder,
  };
}

/** The CPU package's script; the GPU package's is never run. */
async function installStock(options: NativeInstallOptions): Promise<NativeInstallation> {
  const { signal, onProgress } = options;
  const plan = planStock();
  const { packageFolder, libraryFolder } = plan;
  const present = await readAddon(packageFolder, signal);
  if (present !== undefined) return { installed: false, packageFolder, ...present };
  onProgress?.({ type: 'plan', plan });
  // Without our record whatever is there may be half of something; the script takes a half for a whole.
  await rm(join(packageFolder, 'deps'), { recursive: true, force: true });
  try {
    await runCommand(process.execPath, ['scripts/install.js'], {
      cwd: packageFolder,
      signal,
      onLine: (line) => onProgress?.({ type: 'build', line }),
      cure: "Its server may refuse the download; use from: 'wheel'.",
    });
  } catch (error) {
    await removeAddon(packageFolder);
    throw error;
  }
  return finish(packageFolder, libraryFolder, options);
}
