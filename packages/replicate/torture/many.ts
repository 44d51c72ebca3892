/**
 * Many databases that one replicator follows: `node packages/replicate/torture/many.ts [--databases 1000] [--scratch DIRECTORY]`.
 * A first copy of each, a commit to each, the replicator killed and started again; prints what it took. Ends with 1 when a
 * restored database is another, when the replicator holds more than FILES_EACH files open for each, or when it copied a database
 * again after the kill.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { checksumOfFile, createDirectoryTarget, type Notice, restore, startReplication } from '../index.ts';

/** Four connections, which hold the log, copy it and keep writers out, have the database and its log open; and its shared memory. */
const FILES_EACH = 11;
const PAGE_BYTES = 4096;
const RESTORED = 50;
const IDLE_MS = 20_000;
const WITHIN_MS = 900_000;

const { values } = parseArgs({
  options: { databases: { type: 'string', default: '1000' }, scratch: { type: 'string', default: tmpdir() } },
});
const count = Number(values.databases);
mkdirSync(values.scratch, { recursive: true });
const directory = mkdtempSync(join(values.scratch, 'replicate-many-'));
const ids = Array.from({ length: count }, (_, i) => `db${i}`);
const pathOf = (id: string): string => join(directory, `${id}.db`);
const complaints: string[] = [];
const say = (line: string): void => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

const applications = new Map(
  ids.map((id) => {
    const database = new DatabaseSync(pathOf(id), { timeout: 5_000 });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE note (text BLOB)');
    database.exec('INSERT INTO note VALUES (randomblob(50000))');
    return [id, database];
  }),
);

const notices: Notice[] = [];
const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const from = performance.now();
  const value = await work();
  say(`${what}: ${((performance.now() - from) / 1_000).toFixed(1)} s`);
  return value;
};

const target = join(directory, 'target');
const replication = await timed('the replicator answers', () =>
  startReplication(
    {
      databases: ids.map((id) => ({ id, path: pathOf(id) })),
      targets: [{ kind: 'directory', name: 'near', path: target }],
      stateDirectory: join(directory, 'state'),
    },
    { onNotice: (notice) => notices.push(notice) },
  ),
);

const pid = (): number => {
  if (replication.pid === undefined) throw new Error('there is no replicator');
  return replication.pid;
};

/** Resolves when every database is complete at the target. */
const complete = async (): Promise<void> => {
  const until = performance.now() + WITHIN_MS;
  for (;;) {
    const status = await replication.status().catch(() => null);
    const late = status?.databases.filter(({ targets }) =>
      targets.some(({ lagMs, safeTxid }) => safeTxid === undefined || lagMs > 0),
    );
    if (late?.length === 0) return;
    if (performance.now() > until) throw new Error(`still not complete: ${late?.length ?? 'all'}`);
    await sleep(200);
  }
};

/** Of the replicator, in seconds since it began. */
const processorSeconds = (): number => {
  const fields = readFileSync(`/proc/${pid()}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

/** Of the replicator, its share of what it has in common with others (proc_pid_smaps_rollup(5)). */
const memoryMB = (): number =>
  Math.round(Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid()}/smaps_rollup`, 'latin1'))?.[1]) / 1024);

/**
 * As what is written is not in the database file at first, each log could be in the way of an application's checkpoint: then the
 * locks of the machine are looked at.
 */
const checkpointed = async (): Promise<void> => {
  for (const until = performance.now() + WITHIN_MS; performance.now() < until; await sleep(1_000)) {
    const { databases } = await replication.status();
    if (databases.every(({ counters }) => counters.checkpoints > 0)) return;
  }
  throw new Error('some log was never copied');
};

const tellCosts = async (): Promise<void> => {
  await tellCost('just written to');
  await checkpointed();
  await tellCost('idle');
};

const tellCost = async (what: string): Promise<void> => {
  const files = readdirSync(`/proc/${pid()}/fd`).length;
  const before = processorSeconds();
  await sleep(IDLE_MS);
  const percent = ((processorSeconds() - before) / IDLE_MS) * 100_000;
  say(`${what}: ${percent.toFixed(2)} % of a core, ${memoryMB()} MB, ${files} open files`);
  if (files > FILES_EACH * count + 100) complaints.push(`${files} open files`);
};

try {
  await timed(`a first copy of ${count} databases`, complete);
  await tellCosts();
  for (const application of applications.values()) application.exec('INSERT INTO note VALUES (randomblob(3000))');
  await timed('a commit to each of them, safe', async () => await replication.flush({ timeoutMs: WITHIN_MS }));

  const copies = (): number => notices.filter(({ name }) => name === 'snapshot.stored').length;
  const copiesBefore = copies();
  const killed = pid();
  process.kill(killed, 'SIGKILL');
  for (const application of applications.values()) application.exec('INSERT INTO note VALUES (randomblob(3000))');
  await timed('killed, started again, and everything safe that was committed meanwhile', async () => {
    while (replication.pid === undefined || replication.pid === killed) await sleep(50);
    await complete();
    await replication.flush({ timeoutMs: WITHIN_MS });
  });
  if (copies() > copiesBefore) complaints.push(`${copies() - copiesBefore} databases were copied again`);
  await tellCosts();
  await timed('stopped', () => replication.stop({ timeoutMs: WITHIN_MS }));
} finally {
  await replication.stop({ timeoutMs: 1_000 });
}

for (const [id, application] of applications) {
  application.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  application.close();
  // The first, the last, and some between.
  if (Number(id.slice(2)) % Math.max(1, Math.floor(count / RESTORED)) !== 0) continue;
  const into = join(directory, 'restored.db');
  await restore({ target: createDirectoryTarget(target), database: id, to: 'latest', into });
  if (checksumOfFile(into, PAGE_BYTES) !== checksumOfFile(pathOf(id), PAGE_BYTES)) complaints.push(`${id}: another came back`);
  rmSync(into);
}
say(`${Math.min(count, RESTORED)} of them restored and compared`);
const warnings = [...new Set(notices.filter(({ level }) => level !== 'info').map(({ name }) => name))];
say(`told: ${warnings.join(', ') || 'nothing'}`);
for (const complaint of complaints) say(`COMPLAINT ${complaint}`);
if (complaints.length === 0) rmSync(directory, { recursive: true, force: true });
else process.exitCode = 1;
