import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { replicaOf } from './replica.ts';
import { createDatabase, type Places, placesIn } from './round.ts';
import { planRound, type RoundPlan } from './round-plan.ts';
import type { Replicator, Subject } from './subject.ts';
import { checkpointedCopy } from './final-state.ts';
import { Writers, type WritersSqlite } from './writers.ts';

const CLOSE_WITHIN_MS = 15_000;
/** Both have seen that nobody else is there before either claims to be the one. */
const AT_ONCE = 'epoch.listed:sleep=2500';

/**
 * A machine is copied, with the state of its replicator, and both go on: to one target. At least one of the two must be told to
 * stop, and what the target gives back must be the database of one of them, whole. Gives what was wrong.
 */
export async function playRivals(
  seed: number,
  { directory, workMs, sqlite }: { directory: string; workMs: number; sqlite: WritersSqlite },
): Promise<string[]> {
  const plan = planRound(seed, { workMs, windows: [], allWindows: false, scene: 'quiet' });
  const first = placesIn(join(directory, 'first'));
  const second: Places = { ...placesIn(join(directory, 'second')), target: first.target };
  const rivals = [new Rival(plan, first, { number: 1, sqlite }), new Rival(plan, second, { number: 2, sqlite })];
  const [one, two] = rivals;
  if (one === undefined || two === undefined) throw new Error('there are two');
  try {
    createDatabase(first.database, plan);
    await one.work(workMs, '');
    await one.rest();
    for (const name of ['app.db', 'app.db-wal', 'state']) {
      if (existsSync(join(first.directory, name))) {
        cpSync(join(first.directory, name), join(second.directory, name), { recursive: true });
      }
    }
    asOnCopiedDisk(second);
    await Promise.all(rivals.map(async (rival) => await rival.work(workMs, AT_ONCE)));
    await Promise.all(rivals.map(async (rival) => await rival.rest()));
    const complaints: string[] = [];
    if (!rivals.some((rival) => rival.isFenced())) complaints.push('two wrote to one target, and neither was told');
    const restored = join(directory, 'restored.db');
    await one.subject.restore('latest', restored);
    const found = readFileSync(restored);
    if (!rivals.some(({ places }) => checkpointedCopy(places).equals(found))) {
      complaints.push('what is restored is the database of neither of two that wrote to one target');
    }
    return complaints;
  } catch (error) {
    return [`after two wrote to one target: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  } finally {
    for (const rival of rivals) await rival.clearAway();
  }
}

/** On the copy of a disk the database has the inode that it had; on the same disk it cannot. */
function asOnCopiedDisk({ database, state }: Places): void {
  const path = join(state, 'app/position.json');
  const position: object = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...position, inode: statSync(database).ino }));
}

class Rival {
  readonly places: Places;
  readonly subject: Subject;
  readonly #plan: RoundPlan;
  readonly #writers: Writers;
  #replicator: Replicator | null = null;

  constructor(plan: RoundPlan, places: Places, { number, sqlite }: { number: number; sqlite: WritersSqlite }) {
    this.places = places;
    this.#plan = plan;
    this.subject = replicaOf(places);
    const images = join(places.directory, 'images');
    for (const directory of [images, places.target, places.state]) mkdirSync(directory, { recursive: true });
    const task = { database: places.database, lock: join(places.directory, 'writers.lock'), directory: images };
    this.#writers = new Writers({ ...task, pauseMs: 10, sampled: 0 }, plan.seed * 10 + number, sqlite);
  }

  async work(forMs: number, faults: string): Promise<void> {
    this.#replicator = await this.subject.start({ ...this.#plan.manner, faults });
    this.#writers.start(1);
    await sleep(forMs);
    await this.#writers.stopAll('SIGKILL');
  }

  /** Who was fenced cannot ship what is left, and says so. */
  async rest(): Promise<void> {
    try {
      await this.#replicator?.close(CLOSE_WITHIN_MS);
    } catch (error) {
      if (!this.isFenced()) throw error;
      await this.#replicator?.kill();
    }
    this.#replicator = null;
  }

  isFenced(): boolean {
    const notices = join(this.places.directory, 'notices.log');
    return existsSync(notices) && readFileSync(notices, 'utf8').includes('"target.fenced"');
  }

  async clearAway(): Promise<void> {
    await this.#writers.stopAll('SIGKILL');
    await this.#replicator?.kill();
  }
}
