// Checks that all run, whichever fails: each is said as it ends, what went wrong at the end.

import { availableParallelism } from 'node:os';

const results = [];
const notRun = [];

/** @param what `area: case`; the table at the end has a row an area. Says whether it went well. */
export async function check(what, action) {
  const start = performance.now();
  let problem;
  try {
    await action();
  } catch (error) {
    const text = `${error?.stdout ?? ''}${error?.stderr ?? error}`.trim();
    problem = text.split('\n').slice(-15).join('\n  ');
  }
  const seconds = (performance.now() - start) / 1000;
  results.push({ what, problem, seconds });
  console.log(`${problem === undefined ? '✓' : '✗'} ${what} (${seconds.toFixed(1)} s)`);
  return problem === undefined;
}

/** What can't be checked is said, with its reason. */
export function skip(what, why) {
  notRun.push({ what, why });
}

/** As many at a time as there are cores; only for what works in processes of its own. */
export async function inTurns(items, action) {
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) await action(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
}

export function report() {
  for (const { what, why } of notRun) console.log(`SKIPPED: ${what}: ${why}`);
  const failed = results.filter(({ problem }) => problem !== undefined);
  for (const { what, problem } of failed) console.error(`\n${what}: ${problem}`);
  const areas = new Set(results.map(({ what }) => what.split(': ')[0]));
  console.table(Array.from(areas, (area) => row(area)));
  process.exitCode = failed.length > 0 ? 1 : 0;
}

function row(area) {
  const cases = results.filter(({ what }) => what.startsWith(`${area}: `));
  const failed = cases.filter(({ problem }) => problem !== undefined);
  const seconds = Math.round(cases.reduce((sum, result) => sum + result.seconds, 0));
  const names = failed.map(({ what }) => what.slice(area.length + 2)).join(', ');
  return { area, passed: cases.length - failed.length, failed: names, seconds };
}
