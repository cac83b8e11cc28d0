import {
  installNative,
  planNativeInstall,
  type NativeInstallEvent,
  type NativeInstallPlan,
} from '@roikit/engine/node';
import { Interrupted } from '../errors';
import { pc } from '../terminal/color';
import { interruptible } from '../terminal/interrupt';
import { note, print } from '../terminal/print';
import { Progress } from '../terminal/progress';

export interface InstallFlags {
  from: 'wheel' | 'stock';
  gpu?: boolean;
  dryRun?: boolean;
}

/** `roikit doctor --install-native`: says what it will do, and does it unless this is a dry run. */
export async function installEngine({ from, gpu, dryRun }: InstallFlags): Promise<void> {
  const device = gpu ? 'gpu' : 'cpu';
  if (dryRun) return print(planText(await planNativeInstall({ from, device })));
  const display = new InstallDisplay();
  const done = await interruptible(async (signal) => {
    try {
      return await installNative({ from, device, signal, onProgress: (event) => display.show(event) });
    } catch (error) {
      if (signal.aborted) throw new Interrupted();
      throw error;
    } finally {
      display.stop();
    }
  });
  const { tensorflow, libraryFolder, installed } = done;
  print(`${installed ? 'installed' : 'already there'}: TensorFlow ${tensorflow}, ${libraryFolder}`);
  print('next:      npx roikit doctor');
}

function planText({ steps, downloadBytes, diskBytes, packageFolder }: NativeInstallPlan): string {
  const download = downloadBytes === undefined ? 'a size the server does not tell' : megabytes(downloadBytes);
  const lines = steps.map((step, i) => `${i + 1}. ${step}`);
  return [
    ...lines,
    pc.dim(`downloads ${download}, takes ${megabytes(diskBytes)}; addon in ${packageFolder}`),
  ].join('\n');
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
}

/** A bar for what has a size, a dim line for the rest. */
class InstallDisplay {
  private bar: Progress | undefined;
  private title = '';

  show(event: NativeInstallEvent): void {
    switch (event.type) {
      case 'plan':
        return note(planText(event.plan) + '\n');
      case 'download':
        return this.progress('downloading MB', event.bytes, event.total);
      case 'unpack':
        return this.progress('unpacking MB', event.bytes, event.total);
      case 'verify':
        return this.line(`verified ${event.file}`);
      case 'build':
      case 'check':
        return this.line(event.line);
    }
  }

  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
    this.title = '';
  }

  private line(text: string): void {
    this.stop();
    note(pc.dim(text));
  }

  private progress(title: string, bytes: number, total: number | undefined): void {
    if (total === undefined) return;
    if (title !== this.title) {
      this.stop();
      this.bar = new Progress({ title, total: Math.round(total / 1e6) });
      this.title = title;
    }
    this.bar?.update(Math.round(bytes / 1e6));
  }
}
