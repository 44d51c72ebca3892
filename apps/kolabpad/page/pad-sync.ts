/**
 * Keeps one text and the server in step: the session decides, the connection carries, and what no server has yet is kept in
 * this browser. Without a screen: the editor is one user of it, the recovery of another tab's edits a second.
 */
import type { CursorData, UserInfo } from '../domain/messages.ts';
import type { Operation } from '../domain/operation.ts';
import type { PadEvent } from '../session/pad-event.ts';
import { createPadSession, type Effects, type PadSession } from '../session/pad-session.ts';
import type { SavedPad } from '../session/saved-pad.ts';
import { ProtocolError } from '../session/server-frame.ts';
import type { Access } from './access.ts';
import { type Ending, openConnection } from './connection.ts';
import { log } from './log.ts';
import type { UnsentEdits } from './unsent-edits.ts';

export type PadSyncEvents = {
  /** To be shown, and not to be reported back as an edit. */
  change(operation: Operation): void;
  event(event: PadEvent): void;
  /** The number of changes that no server has, or the connection, is another one. */
  stateChanged(): void;
  /** An attempt failed; another follows. */
  failed(access: Access): void;
  ended(why: Ending): void;
  /** The browser keeps nothing: a reload would lose what is unsent. */
  notKept(): void;
};

export type PadSyncOptions = {
  readonly id: string;
  token(): string | null;
  readonly saved: SavedPad | undefined;
  readonly unsent: UnsentEdits;
  readonly events: PadSyncEvents;
};

export interface PadSync {
  readonly session: PadSession;
  /** Changes since everything was with the server. */
  readonly unsentChanges: number;
  edit(operation: Operation): void;
  cursor(data: CursorData): void;
  introduce(info: UserInfo): void;
  setLanguage(languageId: string): void;
  /** Writes at once what is unsent: the page may be gone in a moment. */
  keepNow(): void;
  /** Nothing is unsent any more: it was given up, and is not kept either. */
  giveUp(): void;
  retry(): void;
  close(): void;
}

const KEEP_AFTER_MS = 200;

export function createPadSync({ id, token, saved, unsent, events }: PadSyncOptions): PadSync {
  const session = createPadSession({ sessionId: randomSession(), saved });
  unsent.own(session.sessionId);
  let unsentChanges = session.hasUnsent() ? 1 : 0;
  let isKept = saved !== undefined;
  let isGivenUp = false;
  let keepTimer: ReturnType<typeof setTimeout> | undefined;

  const keepNow = (): void => {
    clearTimeout(keepTimer);
    keepTimer = undefined;
    if (isGivenUp) return;
    if (session.hasUnsent()) {
      isKept = unsent.keep(session.sessionId, session.save());
      if (!isKept) events.notKept();
    } else if (isKept) {
      unsent.forget(session.sessionId);
      isKept = false;
    }
  };

  const perform = ({ send, change, events: news }: Effects): void => {
    if (!session.hasUnsent()) unsentChanges = 0;
    // What is kept must never be older than what was sent: the server would be asked for an edit that it has. While
    // nothing is kept there is nothing to be wrong, and on a good line everything is stored before it would be written.
    if (isKept && (send.length > 0 || !session.hasUnsent())) keepNow();
    else if (session.hasUnsent()) keepTimer ??= setTimeout(keepNow, KEEP_AFTER_MS);
    if (change !== null) events.change(change);
    for (const frame of send) connection.send(frame);
    for (const event of news) events.event(event);
    events.stateChanged();
  };

  const connection = openConnection({
    id,
    token,
    events: {
      opened: () => perform(session.connected()),
      frame(text) {
        let effects: Effects;
        try {
          effects = session.receive(text);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          log.error('session.came_apart', { reason: error.message });
          connection.reset();
          return;
        }
        perform(effects);
      },
      lost: () => perform(session.disconnected()),
      failed: (access) => events.failed(access),
      ended: (why) => events.ended(why),
    },
  });

  return {
    session,
    get unsentChanges() {
      return unsentChanges;
    },
    edit(operation) {
      unsentChanges += 1;
      perform(session.edit(operation));
    },
    cursor: (data) => perform(session.cursor(data)),
    introduce: (info) => perform(session.introduce(info)),
    setLanguage: (languageId) => perform(session.setLanguage(languageId)),
    keepNow,
    giveUp() {
      isGivenUp = true;
      clearTimeout(keepTimer);
      unsent.forget(session.sessionId);
    },
    retry: () => connection.retry(),
    close() {
      keepNow();
      connection.close();
    },
  };
}

/** 32 characters of hexadecimal: 128 bits. */
const randomSession = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
