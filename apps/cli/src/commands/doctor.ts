import { diagnose, type EngineInfo, type EngineStatus } from '@roikit/engine';
import { Command, Option } from 'commander';
import { installEngine, type InstallFlags } from '../engine/installEngine';
import { count } from '../format';
import { onlyWith } from '../onlyWith';
import { shared } from '../options';
import { pc } from '../terminal/color';
import { fields, print } from '../terminal/print';

interface DoctorOptions extends InstallFlags {
  json?: boolean;
  installNative?: boolean;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .addOption(shared.json())
    .option('--install-native', 'get the engine tensorflow: the fastest, on the CPU and with CUDA')
    .addOption(
      new Option('--from <source>', "with --install-native: TensorFlow's Python wheel, or the stock script")
        .choices(['wheel', 'stock'])
        .default('wheel'),
    )
    .option('--gpu', 'with --install-native: the build for CUDA; its driver and libraries are up to you')
    .option('--dry-run', 'with --install-native: only say what it would do')
    .action(doctor);
}

async function doctor({ json, installNative, ...install }: DoctorOptions, command: Command): Promise<void> {
  if (installNative) {
    onlyWith(command, 'the diagnosis, without --install-native', ['json']);
    return installEngine(install);
  }
  onlyWith(command, '--install-native', ['from', 'gpu', 'dryRun']);
  const report = await diagnose();
  if (json) return print(JSON.stringify(report, null, 2));
  const auto = report.auto === undefined ? pc.red('none works') : `${report.auto} (what --engine auto takes)`;
  print(
    fields([
      ['runtime', `${report.runtime}, ${count(report.cores, 'core')}`],
      ['TensorFlow.js', report.tfjs],
      ['engine', auto],
    ]),
  );
  print();
  print(pc.dim('3×3 convolution, forward / gradients'));
  for (const status of report.engines) print(engineLines(status));
}

function engineLines(status: EngineStatus): string {
  const name = status.name.padEnd(11);
  if (status.usable) {
    const threads = status.threads > 0 ? `, ${count(status.threads, 'thread')}` : '';
    const speed = `${rounded(status.gflops)} / ${rounded(status.gradientGflops)} GFLOP/s`;
    const detail = pc.dim(`${status.detail}${threads}, ${status.version}`);
    return `${pc.green('✓')} ${name} ${speed.padStart(20)}   ${detail}${gpuLines(status)}`;
  }
  return `${pc.dim('–')} ${name} ${pc.dim(status.reason)}\n  ${' '.repeat(11)} ${status.cure}`;
}

function rounded(gflops: number): string {
  if (gflops >= 10) return String(Math.round(gflops));
  return gflops < 0.1 ? gflops.toPrecision(1) : gflops.toFixed(1);
}

/** What WebGPU says of the GPU: kernels and their speed depend on it. */
function gpuLines({ gpu }: EngineInfo): string {
  if (gpu === undefined) return '';
  const { limits, features, featuresInUse, isSoftware } = gpu;
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
  const lines = [
    isSoftware ? 'a software GPU: for tests; auto never takes it' : 'a hardware GPU',
    `buffers to ${megabytes(limits.maxBufferSize)}, bindings to ${megabytes(limits.maxStorageBufferBindingSize)}, ` +
      `${limits.maxStorageBuffersPerShaderStage} a stage`,
    `workgroups of ${limits.maxComputeInvocationsPerWorkgroup} threads, ` +
      `${Math.round(limits.maxComputeWorkgroupStorageSize / 1024)} kB`,
    `features: ${features.join(', ') || 'none'}`,
    `kernels use of them: ${featuresInUse.join(', ') || 'none'}`,
  ];
  return lines.map((line) => `\n  ${' '.repeat(11)} ${pc.dim(line)}`).join('');
}
