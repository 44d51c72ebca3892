/**
 * Finds out who is gone. Connections are spread over the seconds of a ping period, so that a hundred thousand of them are
 * some hundreds of pings a second and not all at once.
 */
import type { Connection } from './connection.ts';
import type { Log } from './instruments.ts';
import type { LiveSettings } from './settings.ts';

const SECOND_MS = 1_000;
/** A client of `kolabpad.2` says Hello with its first packet. */
const HELLO_WITHIN_MS = 10_000;

export type Heartbeat = {
  add(connection: Connection): void;
  remove(connection: Connection): void;
  /** While the server itself does not read, silence says nothing. */
  pause(): void;
  resume(): void;
  stop(): void;
};

export type HeartbeatDeps = {
  readonly settings: Pick<LiveSettings, 'heartbeatMs' | 'writeTimeoutMs' | 'readTimeoutMs'>;
  readonly now: () => number;
  readonly log: Log;
};

export function startHeartbeat({ settings, now, log }: HeartbeatDeps): Heartbeat {
  const { heartbeatMs, writeTimeoutMs, readTimeoutMs } = settings;
  const seats = Math.max(1, Math.ceil((heartbeatMs || 60_000) / SECOND_MS));
  const patience = Math.max(1, Math.min(seats - 1, Math.ceil(writeTimeoutMs / SECOND_MS)));
  const circle = Array.from({ length: seats }, () => new Set<Connection>());
  const seatOf = new Map<Connection, Set<Connection>>();
  /** Of `kolabpad.2`, and not yet introduced. */
  const newcomers = new Set<Connection>();
  let isPaused = false;
  let hand = 0;
  let nextSeat = 0;

  const drop = (connection: Connection, reason: string): void => {
    log.debug('heartbeat failed', { userId: connection.user, reason });
    connection.terminate(reason);
  };

  const checkCongestion = (connection: Connection, at: number): void => {
    connection.noteProgress(at);
    if (connection.congestedSince === null || at - connection.congestedSince <= writeTimeoutMs) return;
    log.warn('websocket_write_timeout', { userId: connection.user, duration: `${at - connection.congestedSince}ms` });
    connection.terminate('it took nothing for too long');
  };

  const checkSilence = (connection: Connection, at: number): void => {
    if (connection.isCongested) return;
    if (at - connection.lastHeardAt > readTimeoutMs) drop(connection, 'nothing was heard for too long');
    else if (connection.extended && connection.session === null && at - connection.lastHeardAt > HELLO_WITHIN_MS)
      drop(connection, 'it did not say Hello');
  };

  const turn = (): void => {
    if (isPaused) return;
    const at = now();
    hand = (hand + 1) % seats;
    if (heartbeatMs > 0) {
      // A ping waits behind what a slow line has not taken yet.
      for (const connection of circle[(hand - patience + seats) % seats] ?? [])
        if (!connection.isAlive && !connection.isCongested) drop(connection, 'a ping was not answered');
      for (const connection of circle[hand] ?? []) {
        connection.isAlive = false;
        connection.socket.ping();
        log.debug('heartbeat sent', { userId: connection.user });
      }
    }
    for (const connection of seatOf.keys()) if (connection.isCongested) checkCongestion(connection, at);
    for (const connection of circle[(hand + 1) % seats] ?? []) checkSilence(connection, at);
    for (const connection of newcomers) {
      if (connection.session !== null) newcomers.delete(connection);
      else checkSilence(connection, at);
    }
  };
  const timer = setInterval(turn, SECOND_MS);
  timer.unref();

  return {
    add(connection) {
      const seat = circle[nextSeat] ?? new Set();
      nextSeat = (nextSeat + 1) % seats;
      seat.add(connection);
      log.debug('heartbeat started', { userId: connection.user });
      seatOf.set(connection, seat);
      if (connection.extended) newcomers.add(connection);
    },
    remove(connection) {
      if (!seatOf.has(connection)) return;
      log.debug('heartbeat stopped', { userId: connection.user });
      seatOf.get(connection)?.delete(connection);
      seatOf.delete(connection);
      newcomers.delete(connection);
    },
    pause: () => void (isPaused = true),
    resume() {
      isPaused = false;
      for (const connection of seatOf.keys()) connection.isAlive = true;
    },
    stop: () => clearInterval(timer),
  };
}
