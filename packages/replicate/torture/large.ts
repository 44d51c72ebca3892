/**
 * A database of many gigabytes: `node packages/replicate/torture/large.ts [--gb 4] [--mb-per-second 12] [--scratch DIRECTORY]`.
 * 200 transactions of random updates a second while the first snapshot goes over a slow line, then a VACUUM; prints what it cost
 * the replicator and the application. Ends with 1 when a restore is not equal, the replicator used more than 256 MB of memory,
 * or commits were more than twice as slow as alone for as long: of a large database less and less is in memory of what was
 * written at first. Needs some seven times the size on the disk.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inSeconds, mb, openLargeScene, say, tellCommits } from './large-scene.ts';

const PER_SECOND = 200;
const TOLD_EVERY_MS = 120_000;
/** Nothing here may take longer than this times the number of gigabytes: VACUUM over a line of 12 MB/s takes 90 s. */
const PATIENCE_MS_PER_GB = 600_000;

const { values } = parseArgs({
  options: {
    gb: { type: 'string', default: '4' },
    'mb-per-second': { type: 'string', default: '12' },
    scratch: { type: 'string', default: tmpdir() },
  },
});
const bytes = Number(values.gb) * 2 ** 30;
const mbPerSecond = Number(values['mb-per-second']);
const timeoutMs = Math.max(1, Number(values.gb)) * PATIENCE_MS_PER_GB;
mkdirSync(values.scratch, { recursive: true });
const directory = mkdtempSync(join(values.scratch, 'replicate-large-'));
const scene = openLargeScene({ home: directory, away: directory, mbPerSecond, timeoutMs });
const { complaints } = scene;

const application = scene.openApplication();
const tellingUntil = async <T extends object | string>(end: Promise<T>): Promise<T> => {
  for (;;) {
    const ended = await Promise.race([end, sleep(TOLD_EVERY_MS, null)]);
    if (ended !== null) return ended;
    say(`so far: ${tellCommits(await application.perform({ kind: 'tell' }))}`);
  }
};

try {
  const filling = performance.now();
  await application.perform({ kind: 'fill', bytes });
  say(`${mb(statSync(scene.path).size)} filled in ${inSeconds(filling)}`);
  await application.perform({ kind: 'write', perSecond: PER_SECOND });
  await tellingUntil(sleep(bytes / (mbPerSecond * 1e3), 'over'));
  const alone = await application.perform({ kind: 'pause' });
  say(`without a replicator, for as long as a copy takes: ${tellCommits(alone)}`);

  await application.perform({ kind: 'write', perSecond: PER_SECOND });
  const begun = performance.now();
  const first = await scene.replicate();
  const stored = scene.watching(scene.untilTold('snapshot.stored'));
  const snapshot = await tellingUntil(stored);
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
  if (beside.p99 > 2 * alone.p99) complaints.push(`commits became slow: p99 ${beside.p99} ms, alone ${alone.p99} ms`);
  if (beside.refused > alone.refused) complaints.push(`${beside.refused} transactions were refused`);

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
