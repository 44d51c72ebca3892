/**
 * Keeps the stored text of one document close to the live one while somebody is connected. The journal holds every
 * operation by itself; this is what makes loading quick, and what an operator reads in the table.
 */
import { performance } from 'node:perf_hooks';
import { decidePersist, PERSIST_TICK_MS } from '../domain/persistence-policy.ts';
import type { Store } from '../store/store.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Instruments, Log } from './instruments.ts';
import type { Room } from './room.ts';

const HOUR_MS = 3_600_000;

export type PersisterDeps = {
  readonly store: Store;
  readonly commit: GroupCommit;
  readonly now: () => number;
  readonly log: Log;
  readonly instruments: Instruments;
};

export type StopReason = 'last_user_disconnect' | 'shutdown' | 'eviction';
const FLUSH_REASON = { last_user_disconnect: 'last_disconnect', shutdown: 'shutdown', eviction: 'eviction' } as const;

export class Persister {
  readonly #room: Room;
  readonly #deps: PersisterDeps;
  #snapshotRevision: number;
  #isLanguageDirty = false;
  #lastWriteAt: number;
  #lastCriticalWriteAt = -Infinity;
  #touchedAt = -Infinity;
  #tick: NodeJS.Timeout | null = null;

  constructor(room: Room, snapshotRevision: number, deps: PersisterDeps) {
    this.#room = room;
    this.#deps = deps;
    this.#snapshotRevision = snapshotRevision;
    this.#lastWriteAt = deps.now();
  }

  get isActive(): boolean {
    return this.#tick !== null;
  }

  get isDirty(): boolean {
    return !this.#room.isBlank && (this.#room.document.revision > this.#snapshotRevision || this.#isLanguageDirty);
  }

  languageChanged(): void {
    this.#isLanguageDirty = true;
  }

  start(userCount: number): void {
    if (this.#deps.store.kind === 'memory' || this.#tick !== null) return;
    this.#tick = setInterval(() => this.#onTick(), PERSIST_TICK_MS);
    this.#deps.instruments.persisterStarts.increment();
    this.#deps.log.info('persister_started', { docId: this.#room.id, userCount });
    this.#touch();
  }

  /** Rests without writing: the document is gone, or there is no time. */
  abandon(reason: StopReason): void {
    if (this.#tick === null) return;
    clearInterval(this.#tick);
    this.#tick = null;
    this.#deps.instruments.persisterStops.increment();
    this.#deps.log.info('persister_stopped', { docId: this.#room.id, reason });
  }

  /** Writes what is not written, then rests. Returns false when the store refused: the journal has everything then. */
  stop(reason: StopReason): boolean {
    const isFlushed = this.flush(reason);
    this.abandon(reason);
    return isFlushed;
  }

  flush(reason: StopReason): boolean {
    const { instruments, log } = this.#deps;
    if (this.#deps.store.kind === 'memory' || this.#room.isBlank) return true;
    // Leaving the memory is no visit.
    if (reason !== 'eviction') this.#touch({ isLeaving: true });
    if (!this.isDirty) return true;
    const counter = {
      last_user_disconnect: instruments.lastUserFlushes,
      shutdown: instruments.shutdownFlushes,
      eviction: instruments.evictionFlushes,
    }[reason];
    if (!this.#write(() => this.#deps.store.writeSnapshot(this.#room.snapshot()))) return false;
    counter.increment();
    log.info('flush', { docId: this.#room.id, reason: FLUSH_REASON[reason] });
    return true;
  }

  /** A write that must be safe before anybody is told of it, such as a token. Throws what the store says. */
  writeNow(write: () => void): void {
    let failure: unknown;
    if (!this.#write(write, (error) => (failure = error))) throw failure;
    this.#lastCriticalWriteAt = this.#deps.now();
    this.#deps.instruments.criticalWrites.increment();
  }

  #onTick(): void {
    const { now, log, instruments } = this.#deps;
    const reason = decidePersist(
      {
        isDirty: this.isDirty,
        lastEditAt: this.#room.lastEditAt,
        lastWriteAt: this.#lastWriteAt,
        lastCriticalWriteAt: this.#lastCriticalWriteAt,
      },
      now(),
    );
    this.#touch();
    if (reason === null || !this.#write(() => this.#deps.store.writeSnapshot(this.#room.snapshot()))) return;
    (reason === 'idle_threshold' ? instruments.idlePersists : instruments.safetyNetPersists).increment();
    log.info('persisted', { docId: this.#room.id, reason, revision: this.#snapshotRevision });
  }

  #write(write: () => void, onError: (error: unknown) => void = () => {}): boolean {
    const { commit, instruments, log, now } = this.#deps;
    const started = performance.now();
    try {
      // A snapshot is never ahead of the journal.
      commit.flushNow();
      write();
    } catch (error) {
      instruments.persistErrors.increment();
      log.error('database_write_failed', { docId: this.#room.id, error });
      onError(error);
      return false;
    }
    const durationMs = performance.now() - started;
    instruments.writes.increment();
    instruments.persistLatencySeconds.observe(durationMs / 1_000);
    log.debug('persist_latency', { docId: this.#room.id, duration: `${durationMs.toFixed(1)}ms` });
    this.#snapshotRevision = this.#room.document.revision;
    this.#isLanguageDirty = false;
    this.#lastWriteAt = now();
    return true;
  }

  /** Tells the store that somebody was here, as often as expiry needs it and no more. */
  #touch({ isLeaving } = { isLeaving: false }): void {
    const { store, now, log } = this.#deps;
    const at = now();
    const isRecent = at - this.#touchedAt < Math.min(HOUR_MS, (this.#room.expiry.hours * HOUR_MS) / 10);
    if (this.#room.isBlank || (isRecent && !isLeaving)) return;
    try {
      store.touch([this.#room.id], new Date(at));
      this.#touchedAt = at;
    } catch (error) {
      // The next tick tries again; an hour more or less decides nothing.
      log.warn('touch_failed', { docId: this.#room.id, error });
    }
  }
}
