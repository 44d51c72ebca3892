/** The files of stores: whose they are, and what is in them. */
import { accessSync, chmodSync, constants, existsSync, lchownSync, lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { findUser, systemUserName } from '@berth/host';
import { readHeader, unwrittenLogBytes } from '../facts/database.ts';
import type { AppFact, Facts, StoreFact } from '../facts/facts.ts';
import { locksOn, nameOf } from '../facts/processes.ts';
import type { Rule, Seen } from '../finding.ts';
import { megabytes, quoted } from '../words.ts';
import { perApp } from './app-start.ts';

const notWritable: Rule = {
  id: 'store-not-writable',
  area: 'data',
  symptom: '"permission denied", "attempt to write a readonly database", "failed to save file"',
  looks: 'owner and mode of every file of a store (the first 5,000), against the user that its app runs as',
  probe: (facts) =>
    perApp(facts, async (app) => {
      const user = facts.uid === 0 ? await findUser(systemUserName(facts.layout.home, app.name)) : null;
      return app.stores.flatMap((store): Seen[] => {
        if (!existsSync(store.directory)) return [];
        const readOnly = whyReadOnly(store.directory);
        if (readOnly !== null)
          return [
            {
              severity: 'problem',
              app: app.name,
              evidence: [`${store.directory} cannot be written to: ${readOnly}`],
              cause: 'the file system of the store is mounted read-only, or turned itself so after an error of the disk',
              fix: `findmnt -T ${quoted(store.directory)}; dmesg | tail -n 30   # then: mount -o remount,rw …`,
            },
          ];
        const uid = user?.uid ?? facts.uid;
        const wrong = entriesOf(store.directory).filter(({ stats }) => stats.uid !== uid || (stats.mode & 0o600) !== 0o600);
        const [first] = wrong;
        if (first === undefined) return [];
        const owner = user?.name ?? String(uid);
        return [
          {
            severity: 'problem',
            app: app.name,
            evidence: [
              `${first.path} belongs to user ${first.stats.uid} and has mode ${(first.stats.mode & 0o777).toString(8)}; ${app.name} runs as ${owner} (user ${uid})`,
              ...(wrong.length > 1 ? [`and ${wrong.length - 1} more in the store ${store.name}`] : []),
            ],
            cause: 'somebody worked in the store as another user, or copied files into it: the app cannot change them',
            fix: `chown -R --no-dereference ${owner} ${quoted(store.directory)} && chmod -R u+rw ${quoted(store.directory)}`,
            repair: {
              says: `give ${wrong.length} files and directories below ${store.directory} to user ${owner}`,
              run: async () => {
                for (const { path, stats } of wrong) {
                  if (stats.uid !== uid) lchownSync(path, uid, stats.gid);
                  if (!stats.isSymbolicLink()) chmodSync(path, (stats.mode & 0o777) | 0o600);
                }
              },
            },
          },
        ];
      });
    }),
};

const journalMode: Rule = {
  id: 'journal-mode',
  area: 'data',
  symptom: '"database is locked" under load; the database is not backed up continuously',
  looks: 'the journal mode in the header of every SQLite store',
  probe: (facts) =>
    perDatabase(facts, (app, store) => {
      const header = readHeader(store.path);
      if (header === null || header === 'foreign' || header.journalMode === 'wal') return [];
      return [
        {
          severity: 'problem',
          app: app.name,
          evidence: [`${store.path} is not in WAL mode: a writer locks all readers out, and its changes cannot be followed`],
          cause: 'the app opens its database without `PRAGMA journal_mode = WAL`, or a tool has changed it',
          fix: `berth stop ${app.name} && sqlite3 ${quoted(store.path)} 'PRAGMA journal_mode = WAL' && berth start ${app.name}   # and PRAGMA busy_timeout = 5000 on every connection of the app`,
        },
      ];
    }),
};

const damaged: Rule = {
  id: 'store-damaged',
  area: 'data',
  symptom: '"database disk image is malformed", "file is not a database"; the app does not start',
  looks: 'header of every SQLite store, and `PRAGMA quick_check` of those up to 64 MB (of all with --slow)',
  probe: (facts) =>
    perDatabase(facts, (app, store) => {
      const verdict = checkDatabase(store.path, facts);
      if (verdict === null) return [];
      return [
        {
          severity: 'problem',
          app: app.name,
          evidence: [`${store.path}: ${verdict}`],
          cause: 'the file was damaged: by the disk, by a copy of a database in use, or by a program that wrote into it',
          fix: `berth restore ${app.name} --store ${store.name} --at '1 hour ago'   # moments to go back to: berth restore-points ${app.name}`,
        },
      ];
    }),
};

const staleSidecars: Rule = {
  id: 'stale-log',
  area: 'data',
  symptom: 'a restored database still shows the old content, or is damaged at the first start',
  looks: 'whether a -wal file is older than the database that it lies beside',
  probe: (facts) =>
    perDatabase(facts, (app, store) => {
      const log = `${store.path}-wal`;
      if (!existsSync(store.path) || !existsSync(log)) return [];
      const [database, written] = [statSync(store.path, { bigint: true }), statSync(log, { bigint: true })];
      // Where the file system keeps no birth time, the change time stands for it and says nothing.
      const isKnown = database.birthtimeNs !== database.ctimeNs || written.birthtimeNs !== written.ctimeNs;
      if (!isKnown || written.size === 0n || database.birthtimeNs <= written.birthtimeNs) return [];
      return [
        {
          severity: 'problem',
          app: app.name,
          evidence: [
            `${store.path} was made at ${new Date(Number(database.birthtimeMs)).toISOString()}`,
            `${log} is older: ${new Date(Number(written.birthtimeMs)).toISOString()}, ${megabytes(Number(written.size))}`,
          ],
          cause: 'the database was replaced by a copy while the -wal of the old one stayed: SQLite will play old changes into it',
          fix: `berth stop ${app.name} && mkdir /root/old-log && mv ${quoted(log)} ${quoted(`${store.path}-shm`)} /root/old-log/   # put the copy back once more, then: berth start ${app.name}`,
        },
      ];
    }),
};

const logHuge: Rule = {
  id: 'log-huge',
  area: 'data',
  symptom: 'the disk fills up although the database does not grow; reads become slow',
  looks: 'how much of the -wal of each SQLite store is not in the database yet, and who reads',
  probe: (facts) =>
    perDatabase(facts, (app, store) => {
      const header = readHeader(store.path);
      if (header === null || header === 'foreign') return [];
      const bytes = unwrittenLogBytes(store.path, header.pageBytes);
      if (bytes < facts.bounds.walBytes) return [];
      const index = `${store.path}-shm`;
      const readers = existsSync(index)
        ? locksOn(statSync(index).ino).filter(
            ({ from, to, kind }) => kind === 'READ' && from <= LAST_READER && to >= FIRST_READER,
          )
        : [];
      const pids = new Set(readers.map(({ pid }) => pid));
      const names = facts.processes().filter(({ pid }) => pids.has(pid));
      return [
        {
          severity: 'warning',
          app: app.name,
          evidence: [
            `${megabytes(bytes)} of ${store.path}-wal are not in the database yet`,
            ...names.map((process) => `it is being read by ${nameOf(process)}`),
          ],
          cause:
            'checkpoints do not get through: a read that never ends, or an app that switched them off (wal_autocheckpoint = 0)',
          fix: `berth restart ${app.name}   # then look for the query or iterator that is never finished`,
        },
      ];
    }),
};

export const dataFileRules: readonly Rule[] = [notWritable, journalMode, damaged, staleSidecars, logHuge];

/** Bytes of the index that readers lock (sqlite.org/walformat.html, 2.3). */
const FIRST_READER = 123;
const LAST_READER = 127;

export const perDatabase = (
  facts: Facts,
  look: (app: AppFact, store: StoreFact) => readonly Seen[] | Promise<readonly Seen[]>,
): Promise<readonly Seen[]> =>
  perApp(facts, async (app) => {
    const found = app.stores.filter(({ kind }) => kind === 'sqlite').map(async (store) => look(app, store));
    return (await Promise.all(found)).flat();
  });

const whyReadOnly = (directory: string): string | null => {
  try {
    accessSync(directory, constants.W_OK);
    return null;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    return code === 'EROFS' ? message : null;
  }
};

const ENTRIES = 5_000;

type Entry = { readonly path: string; readonly stats: Stats };

/** A directory and what is in it, at any depth. */
const entriesOf = (directory: string): readonly Entry[] => {
  const found: Entry[] = [{ path: directory, stats: lstatSync(directory) }];
  for (let at = 0; at < found.length && found.length < ENTRIES; at += 1) {
    const entry = found[at];
    if (!entry?.stats.isDirectory()) continue;
    for (const name of readdirSync(entry.path)) {
      const path = join(entry.path, name);
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (stats !== undefined) found.push({ path, stats });
    }
  }
  return found;
};

/** What is wrong with it; null when nothing is, or when it is too large to be looked at now. */
const checkDatabase = (file: string, { bounds }: Facts): string | null => {
  const header = readHeader(file);
  if (header === null) return null;
  if (header === 'foreign') return 'it does not begin as an SQLite database does';
  if (statSync(file).size > bounds.integrityBytes) return null;
  try {
    using database = openToRead(file);
    const [answer] = database.handle.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
    return answer === undefined || answer.quick_check === 'ok' ? null : answer.quick_check;
  } catch (cause) {
    const { errcode = 0, message } = cause as { errcode?: number; message: string };
    // SQLITE_CORRUPT and SQLITE_NOTADB; one that is merely in use is nothing to report.
    if ([11, 26].includes(errcode & 0xff)) return message;
    throw cause;
  }
};

/** One that nobody uses is opened so that no file appears beside it. */
const openToRead = (file: string): Disposable & { readonly handle: DatabaseSync } => {
  const isInUse = existsSync(`${file}-wal`) || existsSync(`${file}-shm`);
  const path = isInUse ? file : `file:${encodeURI(file).replaceAll('?', '%3f').replaceAll('#', '%23')}?immutable=1`;
  const handle = new DatabaseSync(path, { readOnly: true, timeout: 1_000 });
  return { handle, [Symbol.dispose]: () => handle.close() };
};
