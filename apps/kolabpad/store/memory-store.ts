import { StoreError } from './errors.ts';
import type { Epoch, JournalEntry, Snapshot, Store, StoredDocument } from './store.ts';
import type { StoreLog } from './store-log.ts';
import { beginningAt, readHistory } from './stored-history.ts';

type MemoryStoreDeps = { readonly now: () => Date; readonly log: StoreLog };

type Row = {
  text: string;
  snapshotRevision: number;
  base: number;
  baseText: string;
  origin: number;
  entries: JournalEntry[];
  epochs: Epoch[];
  language: string | null;
  otp: string | null;
  viewLink: string | null;
  expiryHours: number | null;
  lastAccessedMs: number;
};

/** For a server without a database: what it knows ends with it. Behaves as the other store does, mistakes refused included. */
export const createMemoryStore = ({ now, log }: MemoryStoreDeps): Store => {
  const rows = new Map<string, Row>();

  const ensure = (id: string, begin: Partial<Row> = {}): Row => {
    const row = rows.get(id) ?? { ...EMPTY, entries: [], epochs: [], lastAccessedMs: now().getTime(), ...begin };
    rows.set(id, row);
    return row;
  };
  const writeSnapshot = ({ id, text, revision, language }: Snapshot): Row =>
    Object.assign(ensure(id, beginningAt(text, revision)), { text, snapshotRevision: revision, language });
  const findByViewLink = (viewLink: string): string | undefined =>
    rows.entries().find(([, row]) => row.viewLink === viewLink)?.[0];

  return {
    kind: 'memory',

    find(id): StoredDocument | undefined {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      const { problems, ...history } = readHistory(row);
      if (problems.length > 0) {
        log('store_disagrees', { docId: id, problems });
        const { text, base, baseText, origin, snapshotRevision } = history;
        const lost = base === row.base ? {} : { epochs: [], entries: [] };
        Object.assign(row, { text, snapshotRevision, base, baseText, origin, ...lost });
      }
      const { epochs, language, otp, viewLink, expiryHours } = row;
      const { text, revision, snapshotRevision, base, baseText, origin, entries } = history;
      const texts = { text, revision, snapshotRevision, base, baseText, origin };
      return { id, ...texts, entries: [...entries], epochs: [...epochs], language, otp, viewLink, expiryHours };
    },

    findToken: (id) => ({ exists: rows.has(id), otp: rows.get(id)?.otp ?? null }),
    findByViewLink,

    commit({ operations, epochs }) {
      refuseTwice(
        operations.map(({ id, entry }) => ({ id, key: entry.revision })),
        // Almost always the one after the last.
        (id, key) =>
          (rows.get(id)?.entries.at(-1)?.revision ?? 0) >= key &&
          rows.get(id)?.entries.some((entry) => entry.revision === key) === true,
      );
      refuseTwice(
        epochs.map(({ id, epoch }) => ({ id, key: epoch.id })),
        (id, key) => rows.get(id)?.epochs.some((epoch) => epoch.id === key) === true,
      );
      for (const { id, entry } of operations) ensure(id).entries.push(entry);
      for (const { id, epoch } of epochs) ensure(id).epochs.push(epoch);
    },

    writeSnapshot: (snapshot) => void writeSnapshot(snapshot),
    writeToken: (snapshot, otp) => void Object.assign(writeSnapshot(snapshot), { otp }),
    writeViewLink(snapshot, viewLink) {
      const holder = viewLink === null ? undefined : findByViewLink(viewLink);
      if (holder !== undefined && holder !== snapshot.id) throw taken(`read-only link of ${holder}`);
      Object.assign(writeSnapshot(snapshot), { viewLink });
    },
    writeExpiry: (snapshot, expiryHours) => void Object.assign(writeSnapshot(snapshot), { expiryHours }),

    touch(ids, at) {
      for (const id of ids) {
        const row = rows.get(id);
        if (row !== undefined) row.lastAccessedMs = Math.max(row.lastAccessedMs, at.getTime());
      }
    },

    compact({ id, base, baseText, origin }) {
      const row = rows.get(id);
      if (row === undefined) return;
      if (row.snapshotRevision < base) Object.assign(row, { text: baseText, snapshotRevision: base });
      Object.assign(row, { base, baseText, origin });
      row.entries = row.entries.filter(({ revision }) => revision > base);
      row.epochs = row.epochs.filter((_, index, all) => !all.slice(index + 1).some(({ start }) => start < base));
    },

    delete(ids) {
      for (const id of ids) rows.delete(id);
    },

    findExpired: (at, defaultHours) =>
      [...rows]
        .filter(([, row]) => row.lastAccessedMs + (row.expiryHours ?? defaultHours) * 3_600_000 < at.getTime())
        .toSorted(([, a], [, b]) => a.lastAccessedMs - b.lastAccessedMs)
        .map(([id]) => id),
    countDocuments: () => rows.size,
    sizeBytes: () => 0,
    close: async () => rows.clear(),
  };
};

const EMPTY = {
  text: '',
  snapshotRevision: 0,
  base: 0,
  baseText: '',
  origin: 0,
  language: null,
  otp: null,
  viewLink: null,
  expiryHours: null,
} as const;

/** Before anything is written: all of a commit or nothing. */
const refuseTwice = <Key>(added: readonly { id: string; key: Key }[], isStored: (id: string, key: Key) => boolean): void => {
  const seen = new Map<string, Set<Key>>();
  for (const { id, key } of added) {
    const keys = seen.get(id) ?? new Set<Key>();
    if (keys.has(key) || isStored(id, key)) throw taken(`${String(key)} of ${id}`);
    seen.set(id, keys.add(key));
  }
};

const taken = (what: string) =>
  new StoreError('STORE_CONFLICT', `stored already: ${what}`, {
    hint: 'nothing was written; this is a mistake in the program: report it',
  });
