/**
 * A database of many gigabytes: `node packages/replicate/torture/large.ts [--gb 4] [--mb-per-second 12] [--alone-seconds 60] [--scratch DIRECTORY]`.
 * 200 transactions of random updates a second while the first snapshot goes over a slow line, then a VACUUM; prints what it cost
 * the replicator and the application. Ends with 1 when a restore is not equal, the replicator used more than 256 MB of memory,
 * or commits were more than twice as slow as alone. Needs some seven times the size on the disk.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { LargeAnswer } from './large-writer.ts';
import { inSeconds, mb, openLargeScene, say, tellCommits } from './large-scene.ts';

const PER_SECOND = 200;
const TOLD_EVERY_MS = 120_000;
/** Nothing here may take longer than this times the number of gigabytes: VACUUM over a line of 12 MB/s takes 90 s. */
const PATIENCE_MS_PER_GB = 600_000;

const { values } = parseArgs({
  options: {
    gb: { type: 'string', default: '4' },
    'mb-per-second': { type: 'string', default: '12' },
    'alone-seconds': { type: 'string', default: '60' },
    scratch: { type: 'string', default: tmpdir() },
  },
});
const bytes = Number(values.gb) * 2 ** 30;
const timeoutMs = Math.max(1, Number(values.gb)) * PATIENCE_MS_PER_GB;
mkdirSync(values.scratch, { recursive: true });
const directory = mkdtempSync(join(values.scratch, 'replicate-large-'));
const scene = openLargeScene({ home: directory, away: directory, mbPerSecond: Number(values['mb-per-second']), timeoutMs });
const { complaints } = scene;

const application = scene.openApplication();
const alone = async (when: string): Promise<LargeAnswer> => {
  await application.perform({ kind: 'write', perSecond: PER_SECOND });
  await sleep(Number(values['alone-seconds']) * 1000);
  const answer = await application.perform({ kind: 'pause' });
  say(`without a replicator, ${when}: ${tellCommits(answer)}`);
  return answer;
};

try {
  const filling = performance.now();
  await application.perform({ kind: 'fill', bytes });
  say(`${mb(statSync(scene.path).size)} filled in ${inSeconds(filling)}`);
  const before = await alone('before');

  await application.perform({ kind: 'write', perSecond: PER_SECOND });
  const begun = performance.now();
  const first = await scene.replicate();
  const stored = scene.watching(scene.untilTold('snapshot.stored'));
  while ((await Promise.race([stored, sleep(TOLD_EVERY_MS, null)])) === null) {
    say(`so far: ${tellCommits(await application.perform({ kind: 'tell' }))}`);
  }
  const snapshot = await stored;
  const snapshotTook = inSeconds(begun);
  const beside = await application.perform({ kind: 'pause' });
  say(`first snapshot in ${snapshotTook}, log at most ${mb(snapshot.logBytes)}; meanwhile: ${tellCommits(beside)}`);
  const flushing = performance.now();
  await first.flush({ timeoutMs });
  say(`all of it safe ${inSeconds(flushing)} later`);
  const { databases } = await first.status();
  say(`counters ${JSON.stringify(databases[0]?.counters)}`);
  await first.stop({ timeoutMs });
  scene.emptyLog();
  await scene.compare('the latest state');
  scene.tellMemory();
  // What the machine has in memory of a large database changes with time: alone is what it is before and after.
  const after = await alone('after');
  const p99 = Math.max(before.p99, after.p99);
  if (beside.p99 > 2 * p99) complaints.push(`commits became slow: p99 ${beside.p99} ms, alone ${p99} ms`);
  if (beside.refused > before.refused + after.refused) complaints.push(`${beside.refused} transactions were refused`);

  const second = await scene.replicate();
  const vacuum = await scene.watching(application.perform({ kind: 'vacuum' }));
  if (vacuum.value.refused > 0) complaints.push('VACUUM found no room: this needs a larger disk');
  say(`VACUUM in ${(vacuum.value.worst / 1000).toFixed(1)} s, log ${mb(vacuum.logBytes)}`);
  const shipping = performance.now();
  const flushed = await scene.watching(second.flush({ timeoutMs }));
  say(`VACUUM safe ${inSeconds(shipping)} later, log at most ${mb(flushed.logBytes)}`);
  await second.stop({ timeoutMs });
  await application.perform({ kind: 'close' });
  await scene.compare('after VACUUM');
  scene.tellMemory();
} finally {
  application.end();
}
for (const complaint of complaints) say(`COMPLAINT ${complaint}`);
if (complaints.length === 0) rmSync(directory, { recursive: true, force: true });
else process.exitCode = 1;
