/** Asks a platform and a bare server again and again, and says how long that took: forked by AnswerTimes, ended with it. */
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@berth/protocol';
import type { Answers } from './answer-times.ts';

const [home = '', bareSocket = ''] = process.argv.slice(2);
const client = createClient({ socketPath: join(home, 'run', 'berthd.sock'), by: 'story' });
let seen: Answers = { times: [], bareTimes: [], failures: [] };

process.on('message', () => {
  process.send?.(seen);
  seen = { times: [], bareTimes: [], failures: [] };
});
process.on('disconnect', () => process.exit(0));

const timed = async (times: number[], ask: () => Promise<unknown>): Promise<void> => {
  const began = performance.now();
  await ask().catch((error: Error) => seen.failures.push(error.message));
  times.push(performance.now() - began);
};

const askBareServer = (): Promise<void> =>
  new Promise((resolve, reject) => {
    // A connection each, as the client has it.
    request({ socketPath: bareSocket, agent: false }, (response) => response.resume().on('end', resolve).on('error', reject))
      .on('error', reject)
      .end();
  });

const askOnce = async (): Promise<void> => {
  await timed(seen.times, () => client.call('status', {}));
  await timed(seen.bareTimes, askBareServer);
};

await askOnce();
process.send?.('begun');
while (process.connected) {
  await sleep(10);
  await askOnce();
}
