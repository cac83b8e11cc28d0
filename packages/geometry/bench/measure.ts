import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Timing {
  /** Milliseconds of CPU time. */
  median: number;
  fastest: number;
  slowest: number;
}

export function summarizeTimes(milliseconds: number[]): Timing {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1]!, fastest: sorted[0]!, slowest: sorted.at(-1)! };
}

/** CPU time of all threads, so that other work on the machine disturbs little; on an idle one it is the wall time. */
function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Times `call` after `warmUp` calls; the last result goes back, so that nothing is optimised away. */
export function measure<T>(call: () => T, { warmUp, runs }: { warmUp: number; runs: number }): [Timing, T] {
  let result = call();
  for (let i = 1; i < warmUp; i++) result = call();
  const times = Array.from({ length: runs }, () => {
    const start = cpuMilliseconds();
    result = call();
    return cpuMilliseconds() - start;
  });
  return [summarizeTimes(times), result];
}

export const milliseconds = ({ median, fastest, slowest }: Timing): string => {
  const digits = median < 10 ? 2 : median < 1000 ? 1 : 0;
  return `${median.toFixed(digits)} (${fastest.toFixed(digits)}–${slowest.toFixed(digits)})`;
};

/**
 * Runs a peer's script with files handed over in a temporary folder; the script prints JSON. Undefined, and said aloud,
 * where that Python or its package is missing.
 *
 * @param python `$TORCHVISION_PYTHON` or `$PYCOCOTOOLS_PYTHON`, else python3
 */
export function askPeer<T>(
  script: URL,
  {
    python = 'python3',
    needs,
    files,
  }: { python?: string; needs: string; files: Record<string, Uint8Array | string> },
): T | undefined {
  if (spawnSync(python, ['-c', `import ${needs}`]).status !== 0) {
    console.warn(`no ${needs} in ${python}: the comparison is skipped`);
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'roikit-bench-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const run = spawnSync(python, [script.pathname], { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 30 });
    if (run.status !== 0) throw new Error(`${script.pathname} failed: ${run.stderr}`);
    return JSON.parse(run.stdout) as T;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
