import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HomeLayout, writeFileAtomic } from '@berth/host';
import type { Installation } from '@berth/vault';
import { homeNotEmpty, recoveryOther, recoveryUnfinished } from './errors.ts';

/** Something that was to come back, and how that went. */
export type RecoveredPart = {
  readonly what: 'platform' | 'certificates' | 'build' | 'store';
  /** Null for what belongs to the platform. */
  readonly app: string | null;
  /** Of the store, of the tree, or the first 12 digits of the build. */
  readonly name: string;
  /** `nothing`: the targets have never had any of it. `lost`: it should be there, and could not be brought back. */
  readonly outcome: 'recovered' | 'nothing' | 'lost';
  readonly target: string | null;
  /** The moment whose state it is. */
  readonly at: string | null;
  readonly bytes: number | null;
  readonly ms: number;
  /** What was proven, or why it did not come back; one line. */
  readonly note: string;
};

/** What came back, and what did not. */
export type Recovered = {
  readonly startedAt: string;
  readonly at: string | null;
  readonly parts: readonly RecoveredPart[];
  readonly apps: readonly RecoveredApp[];
  /** Targets that were not there: what they hold was not used, and nobody was kept from writing there. */
  readonly silent: readonly { readonly target: string; readonly reason: string }[];
};

export type RecoveredApp = {
  readonly app: string;
  readonly release: number | null;
  /** What it is to be from now on. */
  readonly state: 'new' | 'running' | 'stopped';
  /** Why it is not started although it ran; null when it is as it was. */
  readonly stoppedBecause: string | null;
  /** Stores that were never protected: they begin empty. */
  readonly unprotected: readonly string[];
};

/** How far a recovery is, kept in the home that it fills. */
export type RecoveryRecord = {
  readonly format: 1;
  /** Until it is `starting` no daemon may begin. */
  readonly state: 'restoring' | 'starting' | 'finished';
  readonly installation: Installation;
  /** Tells kits apart; nothing follows from it. */
  readonly kit: string;
  /** The moment that was asked for; null for the newest state. */
  readonly at: string | null;
  readonly startedAt: string;
  /** By step. One that was lost is tried again. */
  readonly parts: Readonly<Record<string, RecoveredPart>>;
  /** Of all parts together, once they are done. */
  readonly result: Recovered | null;
};

export interface RecoveryProgress {
  readonly record: RecoveryRecord;
  isDone(step: string): boolean;
  /** Durable when it resolves. */
  done(step: string, part: RecoveredPart): Promise<void>;
  enter(state: 'starting', result: Recovered): Promise<void>;
}

/** Throws RECOVERY_UNFINISHED where a recovery was begun and is not complete: what is there must not be served. */
export function checkRecovered(home: string): void {
  const record = readRecord(home);
  if (record?.state === 'restoring') throw recoveryUnfinished(home, record.startedAt);
}

/** Null where there never was one. */
export function readRecord(home: string): RecoveryRecord | null {
  if (!existsSync(fileOf(home))) return null;
  return JSON.parse(readFileSync(fileOf(home), 'utf8')) as RecoveryRecord;
}

/** Throws HOME_NOT_EMPTY for a home that something else than an unfinished recovery has filled. Changes nothing. */
export function checkHomeEmpty(layout: HomeLayout): void {
  const record = readRecord(layout.home);
  if (record !== null && record.state !== 'finished') return;
  const apps = existsSync(layout.apps) ? readdirSync(layout.apps) : [];
  if (existsSync(layout.journal)) throw homeNotEmpty(layout.home, 'journal.db');
  if (existsSync(join(layout.secrets, 'key.txt'))) throw homeNotEmpty(layout.home, 'secrets/key.txt');
  if (apps.length > 0) throw homeNotEmpty(layout.home, `apps/${apps[0]}`);
}

/** Begins a recovery, or goes on with the one that was begun. Throws RECOVERY_OTHER_CONFLICT where that was another. */
export async function openProgress(
  layout: HomeLayout,
  fresh: Pick<RecoveryRecord, 'installation' | 'kit' | 'at' | 'startedAt'>,
): Promise<RecoveryProgress> {
  const found = readRecord(layout.home);
  if (found !== null && found.state !== 'finished') {
    if (found.kit !== fresh.kit) throw recoveryOther(layout.home, 'it was begun with another kit');
    // Left out it goes on as it was begun: "two hours ago" is another moment by now.
    if (fresh.at !== null && found.at !== fresh.at)
      throw recoveryOther(layout.home, `it brings back ${found.at ?? 'the newest state'}; go on without --at`);
  }
  let record: RecoveryRecord =
    found !== null && found.state !== 'finished' ? found : { format: 1, state: 'restoring', ...fresh, parts: {}, result: null };
  // Several parts come back at once: one write after the other.
  let last: Promise<void> = Promise.resolve();
  const keep = (changes: Partial<RecoveryRecord>): Promise<void> => {
    record = { ...record, ...changes };
    const now = record;
    last = last.catch(() => undefined).then(() => write(layout.home, now));
    return last;
  };
  await keep({});
  return {
    get record() {
      return record;
    },
    isDone(step) {
      const part = record.parts[step];
      return part !== undefined && part.outcome !== 'lost';
    },
    done: (step, part) => keep({ parts: { ...record.parts, [step]: part } }),
    enter: (state, result) => keep({ state, result }),
  };
}

/** The daemon runs, all is told: from now on the home is one like any other. */
export async function finishRecovery(home: string): Promise<void> {
  const record = readRecord(home);
  if (record?.state === 'starting') await write(home, { ...record, state: 'finished' });
}

const write = (home: string, record: RecoveryRecord): Promise<void> =>
  writeFileAtomic(fileOf(home), `${JSON.stringify(record, null, 2)}\n`, 0o600);

const fileOf = (home: string): string => join(home, 'recovery.json');
