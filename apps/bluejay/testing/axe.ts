/** What keeps people from using a page, as axe finds it in a browser. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Rule and elements of each finding that is serious or worse. */
const SERIOUS = `axe.run().then(({ violations }) => violations
  .filter(({ impact }) => impact === 'serious' || impact === 'critical')
  .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`;

/** One line for each finding; none for a good page. */
export const findBarriers = async (page: Page): Promise<readonly string[]> => {
  // By the debugger, not as a script of the page: its policy allows none.
  await page.evaluate(AXE);
  return await page.evaluate<string[]>(SERIOUS);
};
