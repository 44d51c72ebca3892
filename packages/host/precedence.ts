import { writeFileSync } from 'node:fs';

/**
 * Lets this process's session go before others where cores are short: sched(7) shares them out among sessions first (autogroups).
 * Only root may ask for it (CAP_SYS_NICE), and where cgroups share the cores out, their weights count instead; what cannot be had
 * is no fault. Sessions that this one starts are not part of it.
 */
export const takePrecedence = (): void => {
  try {
    writeFileSync('/proc/self/autogroup', String(NICENESS));
  } catch {
    // Not allowed, or a kernel without them.
  }
};

/** As nice(1) counts. What has little to do, and is waited for by people, may have nine times the share. */
const NICENESS = -10;
