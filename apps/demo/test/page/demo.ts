import type { Browser, Page } from 'playwright-core';
import type { Built } from '../support';

/** The page that all cases drive, filled before the first. */
export interface Demo {
  built: Built;
  browser: Browser;
  page: Page;
  /** What it has asked for until it was ready, as names in the built folder. */
  firstFiles: string[];
}
