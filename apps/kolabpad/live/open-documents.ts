/** Opens the documents of this process over a store. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readOnly, shuttingDown, storeFailed } from '../domain/errors.ts';
import { ApiError } from '../domain/errors.ts';
import { CLOSE } from '../domain/messages.ts';
import { createGate } from './admission.ts';
import { startCleaner } from './cleaner.ts';
import { Connection } from './connection.ts';
import { createDocumentSettings } from './document-settings.ts';
import type { Documents } from './documents.ts';
import { createGroupCommit } from './group-commit.ts';
import { startHeartbeat } from './heartbeat.ts';
import { listen } from './listening.ts';
import type { RoomDeps } from './room.ts';
import { Rooms } from './rooms.ts';

/** After our close frame a client has so long to answer with its own. */
const CLOSING_MS = 1_000;

export function openDocuments(deps: Omit<RoomDeps, 'commit'>): Documents {
  const { store, settings, now, log, instruments } = deps;
  const connections = new Set<Connection>();
  const heartbeat = startHeartbeat({ settings, now, log });
  const commit = createGroupCommit({
    store,
    windowMs: settings.commitWindowMs,
    now,
    log,
    instruments,
    onHealthChange(isFailing) {
      // What cannot be stored is not taken either: it stays with the clients, which keep it until it is acknowledged.
      if (isFailing) heartbeat.pause();
      else heartbeat.resume();
      for (const { socket } of connections) {
        if (isFailing) socket.pause();
        else socket.resume();
      }
    },
  });
  const roomDeps = { ...deps, commit };
  const rooms = new Rooms(roomDeps);
  const gate = createGate(rooms, deps);
  const cleaner = startCleaner(rooms, roomDeps);
  let isShuttingDown = false;

  const flushAll = (endAt: number): number => {
    let flushed = 0;
    for (const room of rooms) {
      if (now() > endAt) {
        log.error('shutdown_flush_missed', { docId: room.id, hint: 'its journal is stored, its snapshot is not' });
        room.persister.abandon('shutdown');
      } else if (room.persister.stop('shutdown') && !room.isBlank) flushed += 1;
    }
    return flushed;
  };

  return {
    ...createDocumentSettings(rooms, roomDeps),
    admit: gate.admit,
    isProtected: gate.isProtected,
    checkRoom(admission, address) {
      if (isShuttingDown) throw shuttingDown();
      gate.checkRoom(admission, address);
    },
    connect(socket, stream, { documentId, role }, { address, extended }) {
      const room = rooms.enter(documentId);
      const onDrain = (drained: Connection): void => room.broadcast.catchUp(drained);
      const connection = new Connection(socket, stream, { role, address, extended }, { now: now(), onDrain });
      gate.entered(address);
      connections.add(connection);
      if (commit.failingSince !== null) socket.pause();
      listen(connection, room, {
        settings,
        now,
        log,
        instruments,
        isHeld: () => commit.failingSince !== null,
        onClosed() {
          connections.delete(connection);
          heartbeat.remove(connection);
          gate.left(address);
          if (room.connections.size === 0 && room.isBlank) rooms.forget(room);
        },
      });
      heartbeat.add(connection);
    },

    readText({ documentId }) {
      const document = rooms.load(documentId)?.document;
      return document && { text: document.text, revision: document.revision, language: document.language };
    },
    writeText({ documentId, role }, text) {
      if (role === 'viewer') throw readOnly();
      if (isShuttingDown) throw shuttingDown();
      const room = rooms.enter(documentId);
      try {
        return room.replaceText(text);
      } catch (error) {
        throw error instanceof ApiError ? error : storeFailed(error);
      } finally {
        if (room.connections.size === 0 && room.isBlank) rooms.forget(room);
      }
    },

    stats() {
      let activePersisters = 0;
      for (const room of rooms) if (room.persister.isActive) activePersisters += 1;
      return {
        documentsInMemory: rooms.size,
        activePersisters,
        websocketConnections: connections.size,
        storedDocuments: store.countDocuments(),
      };
    },
    notReadyReason() {
      if (isShuttingDown) return 'the server is shutting down';
      return commit.failingSince === null ? null : 'the database takes no writes';
    },

    async shutdown(deadlineMs) {
      isShuttingDown = true;
      const endAt = now() + deadlineMs;
      cleaner.stop();
      heartbeat.stop();
      try {
        // What was accepted is stored and its authors are told, before anybody is sent away.
        commit.flushNow();
      } catch (error) {
        log.error('database_write_failed', { task: 'shutdown', error });
      }
      commit.stop();
      const flushed = flushAll(endAt);
      for (const room of rooms) room.close(CLOSE.restart, 'the server is restarting');
      for (const stepMs of Array.from({ length: CLOSING_MS / 20 }, () => 20)) {
        if (connections.size === 0 || now() > endAt) break;
        await sleep(stepMs);
      }
      for (const connection of connections) connection.terminate('it did not answer the close');
      await store.close();
      return flushed;
    },
  };
}
