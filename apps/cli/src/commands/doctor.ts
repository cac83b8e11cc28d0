import { diagnose, type EngineStatus } from '@roikit/engine';
import { Command } from 'commander';
import pc from 'picocolors';
import { shared } from '../options';
import { fields, print } from '../terminal/print';

export function doctorCommand(): Command {
  return new Command('doctor').addOption(shared.json()).action(doctor);
}

async function doctor({ json }: { json?: boolean }): Promise<void> {
  const report = await diagnose();
  if (json) return print(JSON.stringify(report, null, 2));
  print(
    fields([
      ['runtime', `${report.runtime}, ${report.cores} cores`],
      ['TensorFlow.js', report.tfjs],
      [
        'engine',
        report.auto === undefined ? pc.red('none works') : `${report.auto} (what --engine auto takes)`,
      ],
    ]),
  );
  print();
  for (const status of report.engines) print(engineLines(status));
}

function engineLines(status: EngineStatus): string {
  const name = status.name.padEnd(11);
  if (status.usable) {
    const threads = status.threads > 0 ? `, ${status.threads} thread${status.threads === 1 ? '' : 's'}` : '';
    const speed = `${status.gflops < 10 ? status.gflops.toFixed(1) : Math.round(status.gflops)} GFLOP/s`;
    return `${pc.green('✓')} ${name} ${speed.padStart(12)}   ${pc.dim(`${status.detail}${threads}, ${status.version}`)}`;
  }
  return `${pc.dim('–')} ${name} ${pc.dim(status.reason)}\n  ${' '.repeat(11)} ${status.cure}`;
}
