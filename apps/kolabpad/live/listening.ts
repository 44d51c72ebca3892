/** Wires a socket to its room: what it says, how fast, and how it ends. */
import type { RawData } from 'ws';
import { MalformedMessage, parseClientMessage } from '../domain/client-message.ts';
import { CLOSE } from '../domain/messages.ts';
import type { Connection } from './connection.ts';
import type { Instruments, Log } from './instruments.ts';
import type { Room } from './room.ts';
import type { LiveSettings } from './settings.ts';

/** A burst is worth so many seconds of the rate. */
const BURST_SECONDS = 2;
const NORMAL_CLOSES: readonly number[] = [CLOSE.normal, CLOSE.goingAway, 1005];

export type ListeningDeps = {
  readonly settings: Pick<LiveSettings, 'messagesPerSecond'>;
  readonly now: () => number;
  readonly log: Log;
  readonly instruments: Pick<Instruments, 'throttled'>;
  /** Nothing is read at the moment, and a paused socket stays so. */
  readonly isHeld: () => boolean;
  readonly onClosed: () => void;
};

export function listen(connection: Connection, room: Room, deps: ListeningDeps): void {
  const { settings, now, log, instruments, isHeld, onClosed } = deps;
  const { socket } = connection;
  const burst = settings.messagesPerSecond * BURST_SECONDS;
  let allowance = burst;
  let allowedAt = now();
  let resumeTimer: NodeJS.Timeout | null = null;

  /** Whoever is too fast is read more slowly: TCP makes them wait, and nothing of theirs is lost. */
  const throttle = (at: number): void => {
    allowance = Math.min(burst, allowance + ((at - allowedAt) / 1_000) * settings.messagesPerSecond) - 1;
    allowedAt = at;
    if (allowance >= 0 || resumeTimer !== null) return;
    instruments.throttled.increment();
    socket.pause();
    resumeTimer = setTimeout(
      () => {
        resumeTimer = null;
        if (!isHeld()) socket.resume();
      },
      (-allowance / settings.messagesPerSecond) * 1_000,
    );
  };

  const onMessage = (data: RawData, isBinary: boolean): void => {
    // It has been closed by us; what was on its way is not taken any more.
    if (connection.closeReason !== null) return;
    const at = now();
    connection.lastHeardAt = at;
    connection.isAlive = true;
    throttle(at);
    try {
      // Text comes as one buffer: `binaryType` is left as it is.
      if (isBinary) throw new MalformedMessage('a binary message');
      const message = parseClientMessage((data as Buffer).toString());
      if (message !== null) room.receive(connection, message);
    } catch (error) {
      const isTheirs = error instanceof MalformedMessage;
      if (isTheirs) log.error(`Disconnect reason: ${error.message}`, { docId: room.id, userId: connection.user });
      else log.error('panic_recovered', { docId: room.id, userId: connection.user, error });
      connection.close(isTheirs ? CLOSE.invalidData : CLOSE.internalError, isTheirs ? error.message : 'internal error');
    }
  };

  socket.on('message', onMessage);
  socket.on('pong', () => {
    connection.lastHeardAt = now();
    connection.isAlive = true;
  });
  // Its close follows; the library has closed it with the right code.
  socket.on('error', (error) => {
    connection.closeReason ??= error.message;
  });
  socket.once('close', (code) => {
    if (resumeTimer !== null) clearTimeout(resumeTimer);
    const wasClean = NORMAL_CLOSES.includes(code) && connection.closeReason === null;
    room.leave(connection, { wasClean, reason: connection.closeReason ?? `closed with ${code}` });
    onClosed();
  });
  room.join(connection);
}
