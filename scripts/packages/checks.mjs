// Checks that all run, whichever fails: each is said as it ends, what went wrong at the end.

const problems = [];

export async function check(what, action) {
  try {
    await action();
    console.log(`✓ ${what}`);
  } catch (error) {
    const text = `${error?.stdout ?? ''}${error?.stderr ?? error}`.trim();
    problems.push(`${what}: ${text.split('\n').slice(0, 12).join('\n  ')}`);
    console.log(`✗ ${what}`);
  }
}

export function report() {
  for (const text of problems) console.error(`\n${text}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
