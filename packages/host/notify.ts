import { asBerthError } from '@berth/core';
import { type Exec, exec as execCommand } from './exec.ts';
import type { Logger } from './log.ts';

/** What systemd told a service about itself: NOTIFY_SOCKET and WATCHDOG_USEC (sd_notify(3), sd_watchdog_enabled(3)). */
export type NotifyPlace = { readonly socket: string; readonly watchdogMs: number | null };

/** Tells systemd how its service does. Without one (`place` null) nothing is told. */
export interface Notifier {
  /** From now on systemd is told regularly that this process still gets to do something. */
  ready(status: string): Promise<void>;
  stopping(): Promise<void>;
  [Symbol.dispose](): void;
}

/**
 * Through the program systemd-notify: Node cannot send to a socket of this kind. It takes some 5 ms of processor time, so a
 * watchdog of a minute costs less than a thousandth of a percent of one.
 */
export const createNotifier = (
  place: NotifyPlace | null,
  { log, exec = execCommand }: { log: Logger; exec?: Exec },
): Notifier => {
  let pings: NodeJS.Timeout | undefined;
  const tell = async (...words: readonly string[]): Promise<void> => {
    if (place === null) return;
    try {
      const env = { PATH: '/usr/bin:/bin', NOTIFY_SOCKET: place.socket };
      const { exitCode, stderr } = await exec(['systemd-notify', ...words], { env, timeoutMs: TELL_WITHIN_MS });
      if (exitCode !== 0) log.warn('notify.failed', { words, stderr: stderr.trim() });
    } catch (cause) {
      // systemd ends and restarts a service that it hears nothing of; that is its part.
      log.warn('notify.failed', { words, message: asBerthError(cause).message });
    }
  };
  return {
    async ready(status) {
      await tell('--ready', `--status=${status}`);
      if (place?.watchdogMs) pings = setInterval(() => void tell('WATCHDOG=1'), place.watchdogMs / PINGS_PER_PERIOD).unref();
    },
    async stopping() {
      await tell('STOPPING=1');
    },
    [Symbol.dispose]: () => clearInterval(pings),
  };
};

/** Two may be lost. */
const PINGS_PER_PERIOD = 3;
const TELL_WITHIN_MS = 10_000;
