import type { Browser, CDPSession, Page } from 'playwright-core';

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Begin, and how long it took: by the clock, and of the CPU. Microseconds. */
  ts: number;
  dur?: number;
  tdur?: number;
}

/** The longest task of the page's own thread, in milliseconds. */
export interface LongestTask {
  /** By the clock: on a busy machine much of it is waiting for a core. */
  wall: number;
  /** What it computed. */
  cpu: number;
}

/** Chromium's trace of what the page's own thread does while `work` runs. Only of one page of the browser. */
export async function longestTask(
  browser: Browser,
  page: Page,
  work: () => Promise<void>,
): Promise<LongestTask> {
  const session = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const includedCategories = ['toplevel', 'blink.user_timing'];
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories, excludedCategories: ['*'] },
  });
  await page.evaluate(() => void performance.mark('this is the page'));
  await work();
  await endOf(session);
  await session.detach();
  const mark = events.find(({ name }) => name === 'this is the page');
  if (!mark) throw new Error('longestTask: the trace does not show the page');
  const tasks = events.filter(
    ({ name, pid, tid }) => name.endsWith('::RunTask') && pid === mark.pid && tid === mark.tid,
  );
  const longest = (times: (number | undefined)[]) =>
    times.reduce<number>((a, b) => Math.max(a, b ?? 0), 0) / 1000;
  return { wall: longest(tasks.map(({ dur }) => dur)), cpu: longest(tasks.map(({ tdur }) => tdur)) };
}

async function endOf(session: CDPSession): Promise<void> {
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
}
