import { readdirSync, readFileSync } from 'node:fs';

/** Of Linux, whatever its kernel's own. */
const TICKS_A_SECOND = 100;

interface Process {
  parent: number;
  /** Seconds, with children that have ended. */
  cpu: number;
}

/** CPU seconds of processes and all below them, as /proc tells. */
export function cpuOfTrees(roots: readonly number[]): number {
  const all = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(readProcess),
  );
  const isBelow = (pid: number): boolean => {
    if (roots.includes(pid)) return true;
    const parent = all.get(pid)?.parent;
    return parent !== undefined && isBelow(parent);
  };
  let sum = 0;
  for (const [pid, { cpu }] of all) if (isBelow(pid)) sum += cpu;
  return sum;
}

/** Nothing of a process that has just ended. */
function readProcess(pid: string): [number, Process][] {
  try {
    // The name, in brackets, may have spaces in it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ').map(Number);
    const [user = 0, system = 0, userOfEnded = 0, systemOfEnded = 0] = fields.slice(11, 15);
    return [
      [
        Number(pid),
        { parent: fields[1]!, cpu: (user + system + userOfEnded + systemOfEnded) / TICKS_A_SECOND },
      ],
    ];
  } catch {
    return [];
  }
}
