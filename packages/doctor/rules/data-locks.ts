/** Who has a database open, and who keeps others out of it. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppFact, Facts } from '../facts/facts.ts';
import { locksOn, nameOf, openFiles, type SeenProcess } from '../facts/processes.ts';
import type { Rule } from '../finding.ts';
import { quoted } from '../words.ts';
import { perDatabase } from './data-files.ts';

const databaseLocked: Rule = {
  id: 'database-locked',
  area: 'data',
  symptom: '"database is locked" (SQLITE_BUSY) when something is saved',
  looks: 'who holds the write lock of each SQLite store, twelve times within two seconds',
  probe: (facts) =>
    perDatabase(facts, async (app, store) => {
      const { lockLooks, lockEveryMs } = facts.bounds;
      let steady = writersOf(store.path);
      for (let look = 1; look < lockLooks && steady.length > 0; look += 1) {
        await sleep(lockEveryMs);
        const writers = writersOf(store.path);
        steady = steady.filter((pid) => writers.includes(pid));
      }
      return facts
        .processes()
        .filter(({ pid }) => steady.includes(pid))
        .map((process) => ({
          severity: 'problem' as const,
          app: app.name,
          evidence: [
            `${nameOf(process)} has held the write lock of ${store.path} for at least ${((lockLooks - 1) * lockEveryMs) / 1_000} s`,
          ],
          cause: belongsTo(app, process)
            ? 'a transaction of the app stays open: every other write waits for it and fails after its busy timeout'
            : 'another program has a transaction open: every write of the app waits for it and fails after its busy timeout',
          fix: belongsTo(app, process) ? `berth restart ${app.name}` : `kill ${process.pid}`,
        }));
    }),
};

const secondProcess: Rule = {
  id: 'second-process',
  area: 'data',
  symptom: '"database is locked" now and then; changes seem to be lost',
  looks: 'which processes have the file of an SQLite store open',
  probe: (facts) =>
    perDatabase(facts, (app, store) => {
      if (!existsSync(store.path)) return [];
      const path = realpathSync(store.path);
      const strangers = holdersOf(facts, path).filter((process) => !belongsTo(app, process) && !isBerth(process));
      if (strangers.length === 0) return [];
      return [
        {
          severity: 'warning',
          app: app.name,
          evidence: strangers.map((process) => `${path} is open in ${nameOf(process)}`),
          cause:
            'a program that is not part of the app uses its database: it can lock it, hold checkpoints back, or change what the app has in memory',
          fix: `fuser -v ${quoted(path)}   # then end it: kill ${strangers.map(({ pid }) => pid).join(' ')}`,
        },
      ];
    }),
};

export const dataLockRules: readonly Rule[] = [databaseLocked, secondProcess];

const holdersOf = (facts: Facts, path: string): readonly SeenProcess[] =>
  facts.processes().filter(({ pid }) => openFiles(pid).includes(path));

/** An instance of it, or a command that was run with `berth run`. */
const belongsTo = (app: AppFact, { instance }: SeenProcess): boolean =>
  instance !== null && (instance.startsWith(`${app.name}.`) || /^(run|op\d+)\./.test(instance));

/** What copies, checks and restores databases. */
const isBerth = ({ command }: SeenProcess): boolean =>
  /\/(?:packages\/(?:replicate|vault|stores|doctor)|programs\/(?:daemon|cli))\//.test(command);

/** sqlite.org/walformat.html, 2.3; os.h of SQLite: PENDING_BYTE and what follows it. */
const WAL_WRITE_BYTE = 120;
const RESERVED_BYTE = 0x4000_0001;

const writersOf = (path: string): readonly number[] => {
  const index = `${path}-shm`;
  const held = (file: string, byte: number): readonly number[] =>
    existsSync(file)
      ? locksOn(statSync(file).ino)
          .filter(({ kind, from, to }) => kind === 'WRITE' && from <= byte && to >= byte)
          .map(({ pid }) => pid)
      : [];
  return [...held(index, WAL_WRITE_BYTE), ...held(path, RESERVED_BYTE)];
};
