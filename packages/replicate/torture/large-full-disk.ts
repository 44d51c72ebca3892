/**
 * A large database on a disk that a VACUUM of it fills, as root:
 * `node packages/replicate/torture/large-full-disk.ts [--gb 10] [--free-gb 5] [--log-fits] [--scratch DIRECTORY]`.
 * The database and what waits for the target are on a disk image that has `--free-gb` left, with `--log-fits` after a log as
 * large as the database. The VACUUM comes through or is refused, by SQLite; the application must be able to go on at once, it
 * must be told that room is short, the room must come back, and the difference must reach the target. Ends with 1 otherwise.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inSeconds, mb, openLargeScene, say, tellCommits } from './large-scene.ts';

const PER_SECOND = 50;
const PATIENCE_MS_PER_GB = 300_000;

const { values } = parseArgs({
  options: {
    gb: { type: 'string', default: '10' },
    'free-gb': { type: 'string', default: '5' },
    'mb-per-second': { type: 'string', default: '200' },
    'log-fits': { type: 'boolean', default: false },
    scratch: { type: 'string', default: tmpdir() },
  },
});
const bytes = Number(values.gb) * 2 ** 30;
const leaveBytes = Number(values['free-gb']) * 2 ** 30 + (values['log-fits'] ? bytes * 1.02 : 0);
const timeoutMs = Math.max(1, Number(values.gb)) * PATIENCE_MS_PER_GB;
mkdirSync(values.scratch, { recursive: true });
const away = mkdtempSync(join(values.scratch, 'replicate-full-'));
const image = join(away, 'disk.image');
const home = join(away, 'disk');

const run = (...[command = '', ...args]: string[]): void =>
  void execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(home);
  return bavail * bsize;
};

mkdirSync(home);
run('truncate', '--size', String(Math.round(bytes * 1.2 + leaveBytes + 2 ** 30)), image);
run('mkfs.ext4', '-q', '-m', '0', image);
run('mount', '-o', 'loop', image, home);
const scene = openLargeScene({ home, away, mbPerSecond: Number(values['mb-per-second']), timeoutMs });
const { complaints } = scene;
const application = scene.openApplication();
let leastFree = Number.POSITIVE_INFINITY;
const watch = setInterval(() => {
  leastFree = Math.min(leastFree, freeBytes());
}, 100);
try {
  const filling = performance.now();
  await application.perform({ kind: 'fill', bytes });
  // Else every page keeps its place, and there is no difference to speak of.
  await application.perform({ kind: 'thin' });
  scene.emptyLog();
  run('fallocate', '--length', String(Math.floor(freeBytes() - leaveBytes)), join(home, 'ballast'));
  say(`${mb(statSync(scene.path).size)} filled in ${inSeconds(filling)}, ${mb(freeBytes())} are free`);

  const replication = await scene.replicate();
  await scene.untilTold('snapshot.stored');
  await replication.flush({ timeoutMs });
  say(`all of it safe, ${mb(freeBytes())} are free`);

  leastFree = Number.POSITIVE_INFINITY;
  const vacuuming = performance.now();
  const vacuum = await scene.watching(application.perform({ kind: 'vacuum' }));
  const how = vacuum.value.refused > 0 ? 'refused, as the disk was full,' : 'through';
  say(`VACUUM ${how} after ${inSeconds(vacuuming)}, log at most ${mb(vacuum.logBytes)}, at least ${mb(leastFree)} free`);
  if (vacuum.value.refused === (values['log-fits'] ? 1 : 0)) complaints.push('this was to be otherwise');
  // Whatever goes wrong for it but "busy" ends the application, and this with it.
  await application.perform({ kind: 'write', perSecond: PER_SECOND });
  await scene.untilTold('space.low');
  await scene.untilTold('space.back');
  say(`there is room again ${inSeconds(vacuuming)} after VACUUM began: ${mb(freeBytes())}`);
  await pause(10_000);
  say(`the application meanwhile: ${tellCommits(await application.perform({ kind: 'pause' }))}`);
  const flushed = await scene.watching(replication.flush({ timeoutMs }));
  say(`all of it safe ${inSeconds(vacuuming)} after VACUUM began; log at most ${mb(flushed.logBytes)}`);
  say(`at least ${mb(leastFree)} were free, now ${mb(freeBytes())}`);
  const { databases } = await replication.status();
  say(`counters ${JSON.stringify(databases[0]?.counters)}`);
  await replication.stop({ timeoutMs });
  await application.perform({ kind: 'close' });
  await scene.compare('afterwards');
  scene.tellMemory();
} finally {
  clearInterval(watch);
  application.end();
  run('umount', '--lazy', home);
}
for (const complaint of complaints) say(`COMPLAINT ${complaint}`);
rmSync(image);
if (complaints.length === 0) rmSync(away, { recursive: true, force: true });
else process.exitCode = 1;
