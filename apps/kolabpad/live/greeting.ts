/** What a newcomer is told first: where it is, what there is, who is there. */
import { SYSTEM_USER, type Hello } from '../domain/messages.ts';
import { type RenderedItem, renderHistory, renderMessage } from '../domain/server-message.ts';
import type { Connection } from './connection.ts';
import { textFrame } from './frame.ts';
import type { Room, RoomDeps } from './room.ts';
import { isGuessable } from './token.ts';

/** A client of the original protocol: everything from revision 0 on, as it counts. */
export function greet(room: Room, connection: Connection, now: number): void {
  const { document } = room;
  connection.origin = document.origin;
  connection.sentRevision = document.base;
  connection.send(renderMessage({ Identity: connection.user }), now);
  const older = olderThanHistory(room);
  if (older.length > 0) connection.send(renderHistory(0, older), now);
  room.broadcast.catchUp(connection);
}

/**
 * What came before the operations that are kept, as so many operations as there were: the text as one insert, then
 * operations that change nothing, so that the numbers stay right.
 */
function olderThanHistory({ document }: Room): RenderedItem[] {
  const count = document.base - document.origin;
  if (count === 0) return [];
  const length = [...document.baseText].length;
  const nothing = { author: SYSTEM_USER, json: length === 0 ? '[]' : `[${length}]` } as const;
  const first = { author: SYSTEM_USER, json: length === 0 ? '[]' : JSON.stringify([document.baseText]) } as const;
  return [first, ...Array.from({ length: count - 1 }, () => nothing)];
}

/** A client of `kolabpad.2`: from where it stands, or else the text as it is. Everything that is known is stored by now. */
export function greetExtended(
  room: Room,
  connection: Connection,
  { session, epoch, revision }: Hello,
  { settings, now, version }: Pick<RoomDeps, 'settings' | 'now' | 'version'>,
): void {
  const { document } = room;
  const isEditor = connection.role === 'editor';
  const frames = [
    renderMessage({
      Welcome: {
        user: connection.user,
        ticket: connection.ticket,
        role: connection.role,
        epoch: room.epoch.id,
        revision: document.revision,
        acknowledged: document.acknowledged(session),
        maxBytes: settings.maxDocumentBytes,
        guessable: isEditor ? isGuessable(document.id) : null,
        viewLink: isEditor ? room.viewLink : null,
        expiry: room.expiry,
        version,
      },
    }),
  ];
  // Revision 0 is the same empty text on every line.
  const canResume = revision >= document.base && (revision === 0 || room.isOnThisLine(epoch, revision));
  if (!canResume)
    frames.push(renderMessage({ Snapshot: { epoch: room.epoch.id, revision: document.revision, text: document.text } }));
  if (isEditor && room.otp !== null)
    frames.push(renderMessage({ OTP: { otp: room.otp, user_id: connection.user, user_name: '' } }));
  connection.sentRevision = canResume ? revision : document.revision;
  connection.write(Buffer.concat(frames.map(textFrame)), now());
  room.broadcast.catchUp(connection);
}
