// Checks that all run, whichever fails: each is said as it ends, what went wrong at the end.

const results = [];

/** @param what `area: case`; the table at the end has a row an area. */
export async function check(what, action) {
  try {
    await action();
    results.push({ what });
    console.log(`✓ ${what}`);
  } catch (error) {
    const text = `${error?.stdout ?? ''}${error?.stderr ?? error}`.trim();
    results.push({ what, problem: text.split('\n').slice(0, 12).join('\n  ') });
    console.log(`✗ ${what}`);
  }
}

export function report() {
  const failed = results.filter(({ problem }) => problem !== undefined);
  for (const { what, problem } of failed) console.error(`\n${what}: ${problem}`);
  const areas = new Map();
  for (const { what, problem } of results) {
    const area = what.split(': ')[0];
    const { passed, failures } = areas.get(area) ?? { passed: 0, failures: [] };
    if (problem === undefined) areas.set(area, { passed: passed + 1, failures });
    else areas.set(area, { passed, failures: [...failures, what.slice(area.length + 2)] });
  }
  console.table(
    [...areas].map(([area, { passed, failures }]) => ({ area, passed, failed: failures.join(', ') })),
  );
  process.exitCode = failed.length > 0 ? 1 : 0;
}
