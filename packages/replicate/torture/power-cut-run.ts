import { fstatSync, mkdirSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Notice, type ReplicationPlan, type SafePoint, startReplication } from '../index.ts';
import { DatabaseImage } from './database-image.ts';
import { type DiskEntry, monotonicMicroseconds, readDiskLog, recordingEnvironment } from './power-cut-log.ts';
import { createRandom } from './random.ts';

export type PowerCutPlaces = {
  readonly database: string;
  readonly state: string;
  readonly target: string;
  /** While it is there, nothing can be put. */
  readonly closed: string;
  /** What programs did to the disk. */
  readonly log: string;
  readonly compileCache: string;
};

export const powerCutPlaces = (directory: string): PowerCutPlaces => {
  const place = (name: string): string => join(directory, name);
  for (const name of ['state', 'target', 'log']) mkdirSync(place(name));
  return {
    database: place('app.db'),
    state: place('state'),
    target: place('target'),
    closed: place('closed'),
    log: place('log'),
    compileCache: place('compile-cache'),
  };
};

/** The database's files right after a commit, in which SQLite had synced them. */
export type KeptCommit = {
  readonly committedAt: number;
  readonly file: Buffer;
  readonly log: Buffer;
  /** The pages of the state. */
  readonly image: Buffer;
};

/** A state that somebody was told of: it is safe from then on. */
export type ToldPoint = {
  readonly lineage: string;
  readonly txid: number;
  /** On the monotonic clock, microseconds. */
  readonly toldAt: number;
  /** At the target; else only on this machine. */
  readonly isShipped: boolean;
  readonly image: Buffer;
};

export type RecordedRun = {
  readonly disk: readonly DiskEntry[];
  readonly commits: readonly KeptCommit[];
  readonly points: readonly ToldPoint[];
  /** How often each of these was told of, so that a test can see what the run contained. */
  readonly notices: Readonly<Record<string, number>>;
};

export const powerCutPlan = ({ database, state, target, closed }: PowerCutPlaces): ReplicationPlan => ({
  databases: [{ id: 'app', path: database }],
  targets: [
    {
      kind: 'module',
      name: 'near',
      url: import.meta.resolve('./power-cut-target.ts'),
      options: { path: target, closedBy: closed },
    },
  ],
  stateDirectory: state,
  // So that the log is begun anew again and again: what was captured is then in the queue alone.
  options: { intervalMs: 20, checkpointFrames: 30 },
});

/**
 * An application and its replicator, and everything the replicator does to the disk. The target is away twice, the replicator is
 * stopped once and killed once.
 */
export const recordRun = async (places: PowerCutPlaces, seed: number): Promise<RecordedRun> => {
  const application = openApplication(places.database, seed);
  const { commits } = application;
  const points: ToldPoint[] = [];
  const told = (reached: readonly SafePoint[], isShipped: boolean): void => {
    const image = commits.at(-1)?.image ?? Buffer.alloc(0);
    for (const { lineage, txid } of reached) points.push({ lineage, txid, toldAt: monotonicMicroseconds(), isShipped, image });
  };
  const notices: Record<string, number> = {};
  const begin = () =>
    startReplication(powerCutPlan(places), {
      env: {
        ...recordingEnvironment(places.log, [places.state, places.target]),
        NODE_COMPILE_CACHE: places.compileCache,
      },
      onNotice: ({ name }: Notice) => {
        notices[name] = (notices[name] ?? 0) + 1;
      },
    });

  application.commit();
  {
    const replication = await begin();
    told(await replication.flush(), true);
    for (let round = 0; round < 6; round += 1) {
      application.commit();
      if (round % 2 === 0) told(await replication.point(), false);
      else told(await replication.flush(), true);
    }
    writeFileSync(places.closed, '');
    for (let round = 0; round < 10; round += 1) {
      application.commit();
      told(await replication.point(), false);
    }
    rmSync(places.closed);
    told(await replication.flush(), true);
    told(await replication.snapshot(), true);
    application.commit();
    await replication.stop();
  }
  application.commit();
  {
    const replication = await begin();
    told(await replication.flush(), true);
    writeFileSync(places.closed, '');
    for (let round = 0; round < 4; round += 1) {
      application.commit();
      told(await replication.point(), false);
    }
    if (replication.pid !== undefined) process.kill(replication.pid, 'SIGKILL');
    application.commit();
    told(await replication.point(), false);
    rmSync(places.closed);
    application.commit();
    told(await replication.flush(), true);
    await replication.stop();
  }
  application.close();
  return { disk: readDiskLog(places.log), commits, points, notices };
};

const openApplication = (path: string, seed: number) => {
  const random = createRandom(seed);
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec('PRAGMA page_size = 1024; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE content (id INTEGER PRIMARY KEY, body BLOB)');
  const image = new DatabaseImage(path);
  // Never closed, as that would drop the locks of the connection.
  const fd = openSync(path, 'r');
  const commits: KeptCommit[] = [];
  return {
    commits,
    commit(): void {
      database.exec('BEGIN IMMEDIATE');
      for (let left = random.integer(1, 8); left > 0; left -= 1) {
        const body = Buffer.from(Array.from({ length: random.integer(10, 2500) }, () => random.integer(0, 255)));
        database.prepare('INSERT OR REPLACE INTO content VALUES (?, ?)').run(random.integer(1, 60), body);
      }
      database.exec('COMMIT');
      const committedAt = monotonicMicroseconds();
      // The file first: what a checkpoint copies into it meanwhile is in the log still, as nobody else begins a new one.
      const file = Buffer.alloc(fstatSync(fd).size);
      readSync(fd, file, 0, file.length, 0);
      commits.push({ committedAt, file, log: readFileSync(`${path}-wal`), image: image.read() });
    },
    close: () => database.close(),
  };
};
