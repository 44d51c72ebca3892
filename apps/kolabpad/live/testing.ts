/** What tests of live documents share. */
import { mock } from 'node:test';
import type { Welcome } from '../domain/messages.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import type { Store } from '../store/store.ts';
import { FakeSocket } from './fake-socket.ts';
import type { Counter, Instruments, Log } from './instruments.ts';
import { openDocuments } from './open-documents.ts';
import type { LiveSettings } from './settings.ts';

export const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const counter = (): Counter => {
  let count = 0;
  return {
    increment: (by = 1) => void (count += by),
    get value() {
      return count;
    },
  };
};
const histogram = () => ({ observe: () => {} });

export const createInstruments = (): Instruments => ({
  writes: counter(),
  reads: counter(),
  persistLatencySeconds: histogram(),
  idlePersists: counter(),
  safetyNetPersists: counter(),
  criticalWrites: counter(),
  lastUserFlushes: counter(),
  evictionFlushes: counter(),
  shutdownFlushes: counter(),
  persistErrors: counter(),
  tokenErrors: counter(),
  evictions: counter(),
  expirations: counter(),
  persisterStarts: counter(),
  persisterStops: counter(),
  edits: counter(),
  journalCommits: counter(),
  journalCommitSeconds: histogram(),
  editSeconds: histogram(),
  rejectedEdits: counter(),
  slowConsumers: counter(),
  throttled: counter(),
});

export const HOUR_MS = 3_600_000;
const SETTINGS: LiveSettings = {
  maxDocumentBytes: 1_024,
  readTimeoutMs: 30 * 60_000,
  writeTimeoutMs: 10_000,
  heartbeatMs: 60_000,
  metadataQueue: 4,
  defaultExpiryHours: 168,
  cleanupIntervalMs: HOUR_MS,
  evictAfterMs: 24 * HOUR_MS,
  commitWindowMs: 20,
  messagesPerSecond: 100,
  maxSocketsPerDocument: 5,
  maxSocketsPerAddress: 5,
  maxOtpAttemptsPerMinute: 3,
};
const session = (letter: string): string => letter.repeat(22);
export const hello = (letter: string, more: object = {}) => ({
  Hello: { session: session(letter), epoch: null, revision: 0, ...more },
});

/** Documents over a store in memory that passes for a database, and time that stands still. */
export function openTestDocuments(settings: Partial<LiveSettings> = {}) {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'], now: Date.parse('2030-01-01') });
  const memory = createMemoryStore({ now: () => new Date(), log: () => undefined });
  let refusal: Error | null = null;
  const snapshots: string[] = [];
  const store: Store = new Proxy(memory, {
    get(target, key: keyof Store) {
      if (key === 'kind') return 'sqlite';
      const method = target[key];
      if (typeof method !== 'function') return method;
      return (...given: unknown[]) => {
        if (refusal !== null && (key === 'commit' || key.startsWith('write'))) throw refusal;
        if (key === 'writeSnapshot') snapshots.push((given[0] as { text: string }).text);
        return (method as (...all: unknown[]) => unknown).apply(target, given);
      };
    },
  });
  const instruments = createInstruments();
  const open = () =>
    openDocuments({ store, settings: { ...SETTINGS, ...settings }, now: Date.now, log: silent, instruments, version: 'test' });
  const documents = open();
  const join = (options: { extended?: boolean; address?: string } = {}, id = 'd', prepare?: (socket: FakeSocket) => void) =>
    FakeSocket.connect(documents, { documentId: id, role: 'editor' }, { ...options, ...(prepare && { prepare }) });
  const named = (socket: FakeSocket, name = 'A') => {
    socket.says({ ClientInfo: { name, hue: 1 } });
    return { userId: socket.all<number>('Identity')[0] ?? socket.all<Welcome>('Welcome')[0]?.user ?? -1, userName: name };
  };
  return {
    documents,
    /** As another process would, over the same store. */
    open,
    join,
    named,
    store,
    snapshots,
    instruments,
    refuse: (error: Error | null) => void (refusal = error),
    [Symbol.dispose]: () => mock.timers.reset(),
  };
}
export const edit = (revision: number, operation: unknown[], more: object = {}) => ({ Edit: { revision, operation, ...more } });
