/** Takes documents out of memory that nobody uses, and deletes those that nobody has used for long. */
import type { RoomDeps } from './room.ts';
import type { Rooms } from './rooms.ts';

const HOUR_MS = 3_600_000;
/** Deleting empties the write-ahead log each time: many at once, but not so many that nobody else gets a turn. */
const DELETED_AT_ONCE = 500;

export type Cleaner = { run(): void; stop(): void };

export function startCleaner(rooms: Rooms, { store, settings, now, log, instruments }: RoomDeps): Cleaner {
  const evict = (): void => {
    for (const room of rooms) {
      if (room.connections.size > 0 || now() - room.lastAccessedAt < settings.evictAfterMs) continue;
      // In memory only, leaving the memory is the end: then it lives as long as its expiry says.
      if (store.kind === 'memory' && now() - room.lastAccessedAt < room.expiry.hours * HOUR_MS) continue;
      if (!room.persister.stop('eviction')) continue;
      // Quiet for so long that nobody holds an old revision: history becomes one operation.
      const plan = store.kind === 'memory' ? null : room.document.planCollapse();
      if (plan !== null) store.compact({ id: room.id, ...plan });
      rooms.forget(room);
      instruments.evictions.increment();
      log.info('document_evicted', { docId: room.id, age: hours(now() - room.lastAccessedAt) });
    }
  };

  const expire = (): void => {
    const expired = store.findExpired(new Date(now()), settings.defaultExpiryHours);
    // Whoever is there, or was a moment ago, has not been written down yet.
    const unused = expired.filter((id) => rooms.find(id) === undefined).slice(0, DELETED_AT_ONCE);
    if (unused.length === 0) return;
    store.delete(unused);
    for (const id of unused) {
      instruments.expirations.increment();
      log.info('document_expired', { docId: id, age: hours(settings.defaultExpiryHours * HOUR_MS) });
    }
  };

  const run = (): void => {
    try {
      dropIdleRooms();
      evict();
      expire();
    } catch (error) {
      instruments.persistErrors.increment();
      log.error('database_write_failed', { task: 'cleaner', error });
    }
  };

  /** A document may expire sooner than it would leave the memory. */
  const dropIdleRooms = (): void => {
    for (const room of rooms) {
      const isUnused = room.connections.size === 0 && now() - room.lastAccessedAt >= room.expiry.hours * HOUR_MS;
      if (!isUnused || store.kind === 'memory' || !room.persister.stop('eviction')) continue;
      rooms.forget(room);
    }
  };

  const timer = setInterval(run, settings.cleanupIntervalMs);
  timer.unref();
  return { run, stop: () => clearInterval(timer) };
}

const hours = (ms: number): string => {
  const whole = Math.round(ms / HOUR_MS);
  return whole >= 48 && whole % 24 === 0 ? `${whole / 24}d` : `${whole}h`;
};
