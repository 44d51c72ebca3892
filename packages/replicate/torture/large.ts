/**
 * A database of many gigabytes: `node packages/replicate/torture/large.ts [--gb 4] [--mb-per-second 12] [--scratch DIRECTORY]`.
 * 200 transactions of random updates a second while the first snapshot goes over a slow line, then a VACUUM; prints what it cost
 * the replicator and the application. Ends with 1 when a restore is not equal, the replicator used more than 256 MB of memory,
 * or commits were more than twice as slow (and slower by more than 2 ms). Needs some seven times the size on the disk.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { checksumOfFile, createDirectoryTarget, type Notice, type Replication, restore, startReplication } from '../index.ts';
import type { LargeAnswer, LargeTask } from './large-writer.ts';
import type { PeakMemory } from './large-memory.ts';
import type { SlowDirectory } from './large-target.ts';

const PER_SECOND = 200;
const BASELINE_MS = 20_000;
const PAGE_BYTES = 4096;
const MEMORY_BYTES = 256 << 20;
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
const timeoutMs = Math.max(1, Number(values.gb)) * PATIENCE_MS_PER_GB;
mkdirSync(values.scratch, { recursive: true });
const directory = mkdtempSync(join(values.scratch, 'replicate-large-'));
const place = (name: string): string => join(directory, name);
const complaints: string[] = [];

const say = (line: string): void => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
const mb = (count: number): string => `${Math.round(count / 2 ** 20)} MB`;
const inSeconds = (fromMs: number): string => `${((performance.now() - fromMs) / 1000).toFixed(1)} s`;
const commits = ({ transactions, seconds, refused, median, p99, worst }: LargeAnswer): string =>
  `${(transactions / seconds).toFixed(0)} tx/s, commit median ${median.toFixed(2)}, p99 ${p99.toFixed(2)}, worst ${worst.toFixed(0)} ms` +
  (refused > 0 ? `, ${refused} refused` : '');

const openApplication = () => {
  const child = fork(join(import.meta.dirname, 'large-writer.ts'), [place('app.db')]);
  const perform = async (task: LargeTask): Promise<LargeAnswer> => {
    const answered = Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`the application ended with ${String(code)}`);
      }),
    ]);
    child.send(task);
    const [answer] = await answered;
    return answer as LargeAnswer;
  };
  return { perform, end: (): void => void child.kill() };
};

/** The state directory stays: what is started again goes on where it was. */
const replicate = async (notices: Notice[]): Promise<Replication> => {
  const sampler = new URL('./large-memory.ts', import.meta.url);
  sampler.searchParams.set('file', place('memory.json'));
  const options: SlowDirectory = { path: place('target'), bytesPerSecond: Number(values['mb-per-second']) * 1e6 };
  return await startReplication(
    {
      databases: [{ id: 'app', path: place('app.db') }],
      targets: [{ kind: 'module', name: 'far', url: import.meta.resolve('./large-target.ts'), options }],
      stateDirectory: place('state'),
    },
    {
      env: { NODE_OPTIONS: `--import=${sampler.href}` },
      onNotice: (notice) => {
        notices.push(notice);
        say(`  ${notice.name} ${JSON.stringify(notice.fields)}`);
      },
    },
  );
};

/** Samples while `work` is done; the log at its largest, and how much waited at most. */
const watching = async <T>(work: Promise<T>): Promise<{ value: T; logBytes: number }> => {
  let logBytes = 0;
  const look = (): void => {
    logBytes = Math.max(logBytes, statSync(place('app.db-wal'), { throwIfNoEntry: false })?.size ?? 0);
  };
  const timer = setInterval(look, 250);
  try {
    return { value: await work, logBytes };
  } finally {
    clearInterval(timer);
    look();
  }
};

const compare = async (what: string): Promise<void> => {
  const from = performance.now();
  const into = place('restored.db');
  await restore({ target: createDirectoryTarget(place('target')), database: 'app', to: 'latest', into });
  const took = inSeconds(from);
  const [source, copy] = [checksumOfFile(place('app.db'), PAGE_BYTES), checksumOfFile(into, PAGE_BYTES)];
  const isEqual = source === copy && statSync(into).size === statSync(place('app.db')).size;
  say(`${what}: ${mb(statSync(into).size)} restored in ${took}, ${isEqual ? 'equal' : `DIFFERENT: ${source} ${copy}`}`);
  if (!isEqual) complaints.push(`${what}: the restored database is another`);
  rmSync(into);
};

/** While the application is quiet: what its log holds goes into the file, without which nothing can be compared. */
const emptyLog = (): void => {
  const database = new DatabaseSync(place('app.db'), { timeout: 30_000 });
  database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  database.close();
};

const tellMemory = (): void => {
  const { rss, heapUsed, external } = JSON.parse(readFileSync(place('memory.json'), 'utf8')) as PeakMemory;
  say(`replicator at most: ${mb(rss)} resident, heap ${mb(heapUsed)}, buffers ${mb(external)}`);
  if (rss > MEMORY_BYTES) complaints.push(`the replicator used ${mb(rss)}`);
};

const application = openApplication();
try {
  const filling = performance.now();
  await application.perform({ kind: 'fill', bytes });
  say(`${mb(statSync(place('app.db')).size)} filled in ${inSeconds(filling)}`);

  await application.perform({ kind: 'write', perSecond: PER_SECOND });
  await new Promise((next) => setTimeout(next, BASELINE_MS));
  const alone = await application.perform({ kind: 'pause' });
  say(`without a replicator: ${commits(alone)}`);

  const notices: Notice[] = [];
  await application.perform({ kind: 'write', perSecond: PER_SECOND });
  const begun = performance.now();
  const first = await replicate(notices);
  const following = async (): Promise<void> => {
    const until = performance.now() + timeoutMs;
    while (!notices.some(({ name }) => name === 'snapshot.stored')) {
      if (performance.now() > until) throw new Error('the snapshot did not come to an end');
      await new Promise((next) => setTimeout(next, 100));
    }
  };
  const snapshot = await watching(following());
  const snapshotTook = inSeconds(begun);
  const beside = await application.perform({ kind: 'pause' });
  say(`first snapshot in ${snapshotTook}, log at most ${mb(snapshot.logBytes)}; meanwhile: ${commits(beside)}`);
  if (beside.p99 > Math.max(2 * alone.p99, alone.p99 + 2)) complaints.push(`commits became slow: p99 ${beside.p99} ms`);
  if (beside.refused > alone.refused) complaints.push(`${beside.refused} transactions were refused`);
  const flushing = performance.now();
  await first.flush({ timeoutMs });
  say(`all of it safe ${inSeconds(flushing)} later`);
  const { databases } = await first.status();
  say(`counters ${JSON.stringify(databases[0]?.counters)}`);
  await first.stop({ timeoutMs });
  emptyLog();
  await compare('the latest state');
  tellMemory();

  const second = await replicate(notices);
  const vacuum = await watching(application.perform({ kind: 'vacuum' }));
  say(`VACUUM in ${(vacuum.value.worst / 1000).toFixed(1)} s, log ${mb(vacuum.logBytes)}`);
  const shipping = performance.now();
  const flushed = await watching(second.flush({ timeoutMs }));
  say(`VACUUM safe ${inSeconds(shipping)} later, log at most ${mb(flushed.logBytes)}`);
  await second.stop({ timeoutMs });
  await application.perform({ kind: 'close' });
  await compare('after VACUUM');
  tellMemory();
} finally {
  application.end();
}
for (const complaint of complaints) say(`COMPLAINT ${complaint}`);
if (complaints.length === 0) rmSync(directory, { recursive: true, force: true });
else process.exitCode = 1;
