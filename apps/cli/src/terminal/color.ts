import picocolors from 'picocolors';

/** Whether colours are wanted: NO_COLOR and FORCE_COLOR (https://no-color.org, https://force-color.org), else a terminal that has some. */
export function wantsColor(env: Record<string, string | undefined>, isTTY: boolean): boolean {
  if (env.NO_COLOR) return false;
  // picocolors takes FORCE_COLOR=0 for a yes.
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return (isTTY && env.TERM !== 'dumb') || Boolean(env.CI);
}

export const pc = picocolors.createColors(wantsColor(process.env, process.stdout.isTTY));

/** Whether lines on stderr can be written over. */
export function redraws(): boolean {
  return Boolean(process.stderr.isTTY) && process.env.TERM !== 'dumb';
}
