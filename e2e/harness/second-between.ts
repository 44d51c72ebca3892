import { setTimeout as sleep } from 'node:timers/promises';

/** On a machine that does much else at the same time. */
const SEEN_WITHIN_MS = 2_000;

/** A whole second before which everything was, and behind which nothing is yet. A change counts from when it was seen. */
export async function secondBetween(): Promise<Date> {
  await sleep(SEEN_WITHIN_MS + 1_000 - (Date.now() % 1_000));
  const second = new Date(Math.floor(Date.now() / 1_000) * 1_000);
  await sleep(300);
  return second;
}
