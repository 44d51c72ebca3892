import { existsSync, fstatSync, ftruncateSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { createDirectoryTarget, restore, startReplication } from '../index.ts';
import type { RestoreTo } from '../restore-point.ts';
import { DatabaseImage } from './database-image.ts';
import { type DiskTree, layOut } from './power-cut-disk.ts';
import { type KeptCommit, type PowerCutPlaces, powerCutPlan, type RecordedRun, type ToldPoint } from './power-cut-run.ts';

export type PowerCut = {
  /** On the monotonic clock, microseconds. */
  readonly at: number;
  readonly disk: DiskTree;
  /** Commits of an application that does not sync them which the cut took with it. */
  readonly lostCommits: number;
  /** How many of the states that somebody was told of are looked at, the newest first; all before and after. */
  readonly states: number;
};

export type PowerCutVerdict = {
  readonly complaints: readonly string[];
  /** What the replicator did when it began again. */
  readonly how: string;
};

/** Lays out what the cut left, begins again, and says what was told of and is not there, or is something else. */
export const judgePowerCut = async (
  { commits, points }: RecordedRun,
  { places, cut }: { places: PowerCutPlaces; cut: PowerCut },
): Promise<PowerCutVerdict> => {
  layOut(cut.disk, [places.state, places.target]);
  rmSync(places.closed, { force: true });
  const survivor = survivingCommit(commits, cut);
  putDatabase(places.database, survivor);
  const told = distinct(points.filter(({ toldAt }) => toldAt < cut.at));
  const shipped = told.filter(({ isShipped }) => isShipped).slice(-cut.states);
  const judge = createJudge(places);
  for (const point of shipped) await judge.compare('with nothing but the target', point);
  if (judge.complaints.length > 0) return { complaints: judge.complaints, how: 'lost' };

  const how = await goOn(places, judge.complain);
  if (judge.complaints.length > 0) return { complaints: judge.complaints, how };
  await judge.compareLatest(new DatabaseImage(places.database).read());
  for (const point of told.slice(-cut.states)) await judge.compare('after it went on', point);
  return { complaints: judge.complaints, how };
};

const PATIENCE_MS = 8000;

/** Replicates what is there and another commit; tells how it began. */
const goOn = async (places: PowerCutPlaces, complain: (what: string) => void): Promise<string> => {
  let how = 'not at all';
  const started = startReplication(powerCutPlan(places), {
    env: { NODE_COMPILE_CACHE: places.compileCache },
    onNotice: ({ name }) => {
      if (name.startsWith('lineage.')) how = name;
    },
  });
  const replication = await started.catch((error: unknown) => complain(`it does not begin: ${String(error)}`));
  if (replication === undefined) return how;
  try {
    await replication.flush({ timeoutMs: PATIENCE_MS });
    commitOnce(places.database);
    await replication.flush({ timeoutMs: PATIENCE_MS });
  } catch (error) {
    const { databases } = await replication.status().catch(() => ({ databases: [] }));
    complain(`it does not go on: ${String(error)} ${databases[0]?.targets[0]?.error?.message ?? ''}`);
  } finally {
    await replication.stop({ timeoutMs: PATIENCE_MS });
  }
  return how;
};

/**
 * The newest commit before the cut. Older ones of the same log could have been the last as well, had the application not synced
 * each: as long as nothing of what came later was in the database file.
 */
const survivingCommit = (commits: readonly KeptCommit[], { at, lostCommits }: PowerCut): KeptCommit => {
  const last = commits.findLastIndex(({ committedAt }) => committedAt < at);
  const newest = commits[Math.max(0, last)];
  if (newest === undefined) throw new Error('there was no commit');
  const isSameLog = ({ file, log }: KeptCommit): boolean =>
    file.equals(newest.file) && log.subarray(0, 32).equals(newest.log.subarray(0, 32));
  const older = commits.slice(0, Math.max(0, last) + 1).filter(isSameLog);
  return older[Math.max(0, older.length - 1 - lostCommits)] ?? newest;
};

/** Into the same file, as replication begins anew with another one. */
const putDatabase = (path: string, { file, log }: KeptCommit): void => {
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  const fd = openSync(path, 'r+');
  ftruncateSync(fd, 0);
  writeSync(fd, file, 0, file.length, 0);
  if (fstatSync(fd).size !== file.length) throw new Error('the database was not put back');
  writeFileSync(`${path}-wal`, log);
};

const commitOnce = (path: string): void => {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec("PRAGMA synchronous = FULL; INSERT OR REPLACE INTO content VALUES (61, 'after the cut')");
  database.close();
};

const distinct = (points: readonly ToldPoint[]): ToldPoint[] => {
  const found = new Map<string, ToldPoint>();
  for (const point of points) {
    const key = `${point.lineage} ${point.txid}`;
    found.set(key, { ...point, isShipped: point.isShipped || found.get(key)?.isShipped === true });
  }
  return [...found.values()];
};

const createJudge = ({ target, database }: PowerCutPlaces) => {
  const complaints: string[] = [];
  const into = `${database}.restored`;
  const bringBack = async (to: RestoreTo, lineage?: string): Promise<Buffer> => {
    rmSync(into, { force: true });
    await restore({
      target: createDirectoryTarget(target),
      database: 'app',
      to,
      ...(lineage !== undefined && { lineage }),
      into,
    });
    return readFileSync(into);
  };
  const compareWith = async (what: string, { image, bring }: { image: Buffer; bring: () => Promise<Buffer> }): Promise<void> => {
    try {
      if (!(await bring()).equals(image)) complaints.push(`${what} is another`);
    } catch (error) {
      complaints.push(`${what} does not come back: ${String(error)}`);
    }
    if (existsSync(into)) rmSync(into);
  };
  return {
    complaints,
    complain: (what: string): void => void complaints.push(what),
    compare: async (when: string, { lineage, txid, image }: ToldPoint): Promise<void> =>
      await compareWith(`${when}: transaction ${txid}`, { image, bring: async () => await bringBack({ txid }, lineage) }),
    compareLatest: async (image: Buffer): Promise<void> =>
      await compareWith('the latest state', { image, bring: async () => await bringBack('latest') }),
  };
};
