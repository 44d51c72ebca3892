import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../record-files.ts';

/** Gone with the machine's power, as what is noted there. */
const MARKS = '/run/berth';

/**
 * The daemon stops an app's unit to show that the app has been stopped. What the unit runs then must not stop it again: by
 * the time it looks, somebody may have started the app. The mark names the very run of the unit, systemd.exec(5) INVOCATION_ID,
 * so that one which was never looked at means nothing for a later stop.
 */
export const markOwnStop = (unit: string, invocation: string): void => {
  mkdirSync(MARKS, { recursive: true, mode: 0o700 });
  writeFileSync(markOf(unit), invocation, { mode: 0o600 });
};

/** Whether the stop that is under way is the daemon's own. True once. */
export const takeOwnStop = (unit: string, invocation: string): boolean => {
  const marked = readIfThere(markOf(unit));
  rmSync(markOf(unit), { force: true });
  return invocation !== '' && marked === invocation;
};

const markOf = (unit: string): string => join(MARKS, `stop-${unit}`);
