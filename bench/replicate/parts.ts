import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from '../process-tree.ts';
import type { Contender, Follower, Stored } from './contender.ts';
import { createDatabase, digestOf, lastWrittenAt } from './database.ts';
import { type Observation, Observer } from './observer.ts';
import { Writer } from './writer.ts';
import type { WriterReport, WriterTask } from './writer-process.ts';

export type Dose = {
  readonly fullSpeedSeconds: number;
  readonly pacedSeconds: number;
  readonly largeMB: number;
  readonly largeSeconds: number;
  readonly truncatingSeconds: number;
  readonly kills: number;
  readonly idleSeconds: number;
  /** Of the peer that can only copy everything. */
  readonly backupEveryMs: number;
};

export type Delay = { readonly p50: number; readonly p99: number; readonly worst: number };
type Written = Omit<WriterReport, 'committedAt'>;
export type Run = {
  readonly writer: Written;
  readonly follower: Observation;
  readonly delay: Delay | null;
  /** Of the target, from the first copy to the last commit. */
  readonly requests: number | null;
};
/** What only a contender has: null for nobody. */
export type FullSpeedRun = Run & { readonly restoreSeconds: number | null };
export type LargeRun = Run & { readonly copy: CopyCost | null };
export type CopyCost = {
  readonly firstSeconds: number;
  readonly firstCpuSeconds: number;
  readonly storedMB: number;
  readonly restoreSeconds: number;
};
export type LossRun = {
  readonly lostMs: readonly number[];
  readonly lostCommits: readonly number[];
  readonly snapshots: number | null;
};

/** Null for a part that was not wanted, or that makes no sense without a contender. */
export type Results = {
  readonly fullSpeed: FullSpeedRun | null;
  readonly paced: Run | null;
  readonly large: LargeRun | null;
  readonly truncating: Run | null;
  readonly loss: LossRun | null;
  readonly idle: Observation | null;
};

export const PART_NAMES = ['full-speed', 'paced', 'large', 'truncating', 'loss', 'idle'] as const;
export type PartName = (typeof PART_NAMES)[number];

export function isPartName(text: string): text is PartName {
  return PART_NAMES.some((name) => name === text);
}

/** Two applications, of which one checkpoints: so many rows a second each, as fast as a handler with a little work would. */
const TRUNCATING = { perSecond: 316, truncateEveryMs: 300 };
const PACE = 200;

export class Parts {
  readonly #contender: Contender | null;
  readonly #scratch: string;
  readonly #dose: Dose;

  /** Without a contender nobody follows. */
  constructor(contender: Contender | null, scratch: string, dose: Dose) {
    this.#contender = contender;
    this.#scratch = scratch;
    this.#dose = dose;
  }

  async fullSpeed(): Promise<FullSpeedRun> {
    await using place = this.#place('full-speed');
    createDatabase(place.database, 0);
    const run = await this.#write(place, { seconds: this.#dose.fullSpeedSeconds });
    return { ...run, restoreSeconds: this.#contender === null ? null : await this.#restore(place) };
  }

  async paced(): Promise<Run> {
    await using place = this.#place('paced');
    createDatabase(place.database, 0);
    return await this.#write(place, { seconds: this.#dose.pacedSeconds, perSecond: PACE });
  }

  async truncating(): Promise<Run> {
    await using place = this.#place('truncating');
    createDatabase(place.database, 0);
    const seconds = this.#dose.truncatingSeconds;
    await using follower = await this.#follow(place);
    await using other = new Writer({ database: place.database, seconds, perSecond: TRUNCATING.perSecond });
    await using checkpointing = new Writer({ database: place.database, seconds, ...TRUNCATING });
    const observer = new Observer(place.database, follower?.pids ?? []);
    const [a, b] = await Promise.all([other.report(), checkpointing.report()]);
    const writer = {
      ...a,
      commits: Math.round((a.commits + b.commits) / 2),
      refused: a.refused + b.refused,
      worstMs: Math.max(a.worstMs, b.worstMs),
      truncations: b.truncations,
    };
    return { writer: withoutTimes(writer), follower: observer.stop(), delay: null, requests: null };
  }

  async large(): Promise<LargeRun> {
    await using place = this.#place('large');
    const rows = createDatabase(place.database, this.#dose.largeMB);
    const task = { seconds: this.#dose.largeSeconds, perSecond: PACE, updatesAmong: rows };
    if (this.#contender === null) return { ...(await this.#write(place, task)), copy: null };
    const begun = performance.now();
    await using follower = await this.#contender.start(place.database, place.target);
    const firstSeconds = (performance.now() - begun) / 1000;
    const firstCpuSeconds = cpuSeconds(follower.pids);
    const run = await this.#writeUnder(follower, place, task);
    const storedMB = bytesIn(place.target) / 2 ** 20;
    const restoreSeconds = await this.#restore(place);
    return { ...run, copy: { firstSeconds, firstCpuSeconds, storedMB, restoreSeconds } };
  }

  /** The application and the follower die at once: what of the committed rows is back after a restore? */
  async loss(): Promise<LossRun | null> {
    if (this.#contender === null) return null;
    await using place = this.#place('loss');
    createDatabase(place.database, 0);
    const lostMs: number[] = [];
    const lostCommits: number[] = [];
    for (let number = 0; number < this.#dose.kills; number += 1) {
      await using follower = await this.#contender.start(place.database, place.target);
      await using writer = new Writer({ database: place.database, seconds: 600, perSecond: PACE });
      await sleep(1_500 + Math.random() * 1_500);
      await Promise.all([follower.kill(), writer.kill()]);
      const restored = join(place.directory, 'restored.db');
      clear(restored);
      await this.#contender.restore(place.target, restored);
      const source = lastWrittenAt(place.database);
      const back = lastWrittenAt(restored);
      // Nothing at all came back: everything since the first row is lost.
      lostMs.push(source.at - Math.max(source.firstAt, back.at));
      lostCommits.push(source.id - back.id);
    }
    await using follower = await this.#contender.start(place.database, place.target);
    return { lostMs, lostCommits, snapshots: await follower.snapshots() };
  }

  async idle(): Promise<Observation | null> {
    await using place = this.#place('idle');
    createDatabase(place.database, 0);
    await using follower = await this.#follow(place);
    if (follower === null) return null;
    await sleep(2_000);
    const observer = new Observer(place.database, follower.pids);
    await sleep(this.#dose.idleSeconds * 1000);
    return observer.stop();
  }

  async #write(place: Place, task: Omit<WriterTask, 'database'>): Promise<Run> {
    await using follower = await this.#follow(place);
    return await this.#writeUnder(follower, place, task);
  }

  async #writeUnder(follower: Follower | null, place: Place, task: Omit<WriterTask, 'database'>): Promise<Run> {
    await using writer = new Writer({ database: place.database, ...task });
    const observer = new Observer(place.database, follower?.pids ?? []);
    const report = await writer.report();
    const observation = observer.stop();
    await follower?.flush();
    const stored = (await follower?.stored()) ?? null;
    const requests = (await follower?.requests()) ?? null;
    return {
      writer: withoutTimes(report),
      follower: observation,
      delay: stored && delayOf(report.committedAt, stored),
      requests,
    };
  }

  async #follow(place: Place): Promise<Follower | null> {
    return this.#contender === null ? null : await this.#contender.start(place.database, place.target);
  }

  /** Seconds until the database is back, checked afterwards to hold what the original holds. */
  async #restore(place: Place): Promise<number> {
    const restored = join(place.directory, 'restored.db');
    clear(restored);
    const begun = performance.now();
    await this.#contender?.restore(place.target, restored);
    const seconds = (performance.now() - begun) / 1000;
    const [original, copy] = [digestOf(place.database), digestOf(restored)];
    if (original !== copy) throw new Error(`${this.#contender?.name}: the restored database differs (${copy}, not ${original})`);
    return seconds;
  }

  #place(part: PartName): Place {
    return new Place(join(this.#scratch, part));
  }
}

class Place implements AsyncDisposable {
  readonly directory: string;
  readonly database: string;
  readonly target: string;

  constructor(directory: string) {
    this.directory = directory;
    this.database = join(directory, 'app.db');
    this.target = join(directory, 'target');
    mkdirSync(this.target, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function withoutTimes({ committedAt: _, ...report }: WriterReport): Written {
  return report;
}

/** The last commit is the last transaction; each of those before it is safe with the first of the stored that reaches it. */
function delayOf(committedAt: readonly number[], stored: readonly Stored[]): Delay | null {
  const last = Math.max(...stored.map(({ upTo }) => upTo));
  const inOrder = stored.toSorted((a, b) => a.upTo - b.upTo);
  const delays = committedAt.flatMap((at, index) => {
    const transaction = last - (committedAt.length - 1 - index);
    const safe = inOrder.find(({ upTo }) => upTo >= transaction);
    return safe === undefined || transaction < 1 ? [] : [safe.at - at];
  });
  const sorted = delays.toSorted((a, b) => a - b);
  const share = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return sorted.length === 0 ? null : { p50: share(0.5), p99: share(0.99), worst: share(1) };
}

function clear(database: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${database}${suffix}`, { force: true });
}

function bytesIn(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
