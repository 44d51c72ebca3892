/**
 * Makes accepted operations durable before anybody is shown them. The first after a pause is written at once; those that
 * arrive soon after share the next commit. How soon depends on what a commit costs, with telling everybody: a pad of four
 * hundred is told less often than one of three.
 */
import { performance } from 'node:perf_hooks';
import type { JournalEntry, Store } from '../store/store.ts';
import type { Instruments, Log } from './instruments.ts';

/** Between attempts while the store refuses, doubling up to the longest. */
const RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;
/** Between two commits passes at least so many times what the first of them took: a fifth of the time goes there at most. */
const PAUSE_FACTOR = 4;

/** A document with operations that are not stored yet. */
export interface Uncommitted {
  readonly id: string;
  /** What has to be stored now, in order, and the epoch if it is not stored yet. */
  takeUncommitted(): { readonly entries: readonly JournalEntry[]; readonly epoch: { id: string; start: number } | null };
  /** They are stored up to this revision. */
  committed(revision: number): void;
}

export type GroupCommit = {
  add(document: Uncommitted): void;
  /** Throws what the store says. */
  flushNow(): void;
  forget(document: Uncommitted): void;
  /** Since when the store has been refusing; null when all is well. */
  readonly failingSince: number | null;
  stop(): void;
};

export type GroupCommitDeps = {
  readonly store: Store;
  /** The longest that an edit waits for others. */
  readonly windowMs: number;
  readonly now: () => number;
  /** Milliseconds on a clock that is never set; for tests. */
  readonly monotonicNow?: () => number;
  readonly log: Log;
  readonly instruments: Pick<Instruments, 'journalCommits' | 'journalCommitSeconds' | 'persistErrors'>;
  /** The store refuses or takes writes again. */
  readonly onHealthChange: (isFailing: boolean) => void;
};

export function createGroupCommit(deps: GroupCommitDeps): GroupCommit {
  const { store, windowMs, now, log, instruments, onHealthChange, monotonicNow = () => performance.now() } = deps;
  const waiting = new Set<Uncommitted>();
  let nextCommitAt = -Infinity;
  let scheduled: { cancel: () => void } | null = null;
  let failingSince: number | null = null;
  let retryMs = RETRY_MS;

  const write = (): void => {
    scheduled?.cancel();
    scheduled = null;
    if (waiting.size === 0) return;
    const documents = [...waiting].map((document) => ({ document, ...document.takeUncommitted() }));
    const started = monotonicNow();
    store.commit({
      operations: documents.flatMap(({ document: { id }, entries }) => entries.map((entry) => ({ id, entry }))),
      epochs: documents.flatMap(({ document: { id }, epoch }) => (epoch === null ? [] : [{ id, epoch }])),
    });
    instruments.journalCommitSeconds.observe((monotonicNow() - started) / 1_000);
    instruments.journalCommits.increment();
    waiting.clear();
    if (failingSince !== null) {
      failingSince = null;
      retryMs = RETRY_MS;
      onHealthChange(false);
    }
    for (const { document, entries } of documents) document.committed(entries.at(-1)?.revision ?? -1);
    const ended = monotonicNow();
    nextCommitAt = ended + Math.min(windowMs, (ended - started) * PAUSE_FACTOR);
  };

  const attempt = (): void => {
    scheduled = null;
    try {
      write();
    } catch (error) {
      instruments.persistErrors.increment();
      log.error('database_write_failed', { docId: [...waiting][0]?.id, documents: waiting.size, error });
      const wasWell = failingSince === null;
      failingSince ??= now();
      after(retryMs);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      if (wasWell) onHealthChange(true);
    }
  };

  const after = (ms: number): void => {
    const timer = setTimeout(attempt, ms);
    scheduled = { cancel: () => clearTimeout(timer) };
  };

  return {
    get failingSince() {
      return failingSince;
    },
    add(document) {
      waiting.add(document);
      if (scheduled !== null) return;
      const waitMs = nextCommitAt - monotonicNow();
      if (waitMs > 0) after(Math.ceil(waitMs));
      else {
        // Once everything that is to be read now has been read: a burst makes one commit.
        const immediate = setImmediate(attempt);
        scheduled = { cancel: () => clearImmediate(immediate) };
      }
    },
    flushNow() {
      try {
        write();
      } catch (error) {
        // Whoever asked is told; what waits is tried again all the same.
        if (scheduled === null) after(retryMs);
        throw error;
      }
    },
    forget: (document) => void waiting.delete(document),
    stop() {
      scheduled?.cancel();
      scheduled = null;
    },
  };
}
