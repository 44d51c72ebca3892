/** What is done now and then, beside requests: what a schedule's moment changes, and what is too old to be kept. */
import { sweepAccounts } from './accounts/sweep.ts';
import type { Bluejay } from './bluejay.ts';
import { sweepForms } from './forms/sweep.ts';
import { sweepPersonalData } from './leads/personal-data.ts';
import { siteSettings } from './types/index.ts';

/** Nobody waits for it: pages look for themselves whether a moment has come. */
const PUBLISH_EVERY_MS = 10_000;
const SWEEP_EVERY_MS = 600_000;

/** Disposing waits for what is being done. */
export const startChores = (bluejay: Bluejay): AsyncDisposable => {
  const { content, database, log, media, now } = bluejay;
  let running: Promise<void> = Promise.resolve();
  const publish = async (): Promise<void> => {
    content.notice();
    await media.publish();
  };
  const sweep = (): void => {
    const { leadDays } = content.single(siteSettings).fields;
    const leads = sweepPersonalData(database, leadDays, now());
    const rest = sweepAccounts(bluejay) + sweepForms(bluejay);
    if (leads + rest > 0) log.debug('swept', { leads, rest });
  };
  const start = (name: string, work: () => void | Promise<void>): void => {
    running = running.then(work).catch((error: unknown) => log.error('chore_failed', { chore: name, error }));
  };
  const timers = [
    setInterval(() => start('publish', publish), PUBLISH_EVERY_MS),
    setInterval(() => start('sweep', sweep), SWEEP_EVERY_MS),
  ];
  for (const timer of timers) timer.unref();
  start('publish', publish);
  start('sweep', sweep);
  return {
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer);
      await running;
    },
  };
};
