/** What tests of live documents share. */
import type { Counter, Instruments, Log } from './instruments.ts';

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
