/**
 * Edits that no server has yet, kept in this browser until one has them: through a reload, a crash, a closed tab. Each tab
 * keeps its own, under its session; a tab that opens a document takes over what tabs that are gone have left.
 */
import { log } from './log.ts';

export type Kept = {
  readonly session: string;
  /** As it was given to `keep`. */
  readonly state: unknown;
};

export interface UnsentEdits {
  /** False when the browser has no room or forbids it. */
  keep(session: string, state: unknown): boolean;
  forget(session: string): void;
  /** What tabs that are gone have left for this document, oldest first. Each is given out once, here and in every tab. */
  takeOver(): Promise<readonly Kept[]>;
  /** From now on this session is alive, and no other tab takes its edits; until `signal`. */
  own(session: string): void;
}

type Entry = { readonly savedAt: number; readonly state: unknown };

const PREFIX = 'kolabpad:unsent:';
/** Only where the browser has no locks: an entry that was not written for so long belongs to no open tab. */
const ABANDONED_MS = 60_000;
const LOCK_PATIENCE_MS = 300;

export function createUnsentEdits(documentId: string, signal: AbortSignal): UnsentEdits {
  const prefix = `${PREFIX}${documentId}:`;
  const keyOf = (session: string): string => prefix + session;
  const mine = readMine(prefix);

  return {
    keep(session, state) {
      try {
        localStorage.setItem(keyOf(session), JSON.stringify({ savedAt: Date.now(), state } satisfies Entry));
        return true;
      } catch (cause) {
        log.error('unsent.not_kept', { reason: String(cause) });
        return false;
      }
    },
    forget(session) {
      try {
        localStorage.removeItem(keyOf(session));
      } catch (cause) {
        log.info('unsent.not_forgotten', { reason: String(cause) });
      }
    },
    async takeOver() {
      const kept: (Kept & Entry)[] = [];
      for (const [key, entry] of readEntries(prefix)) {
        const session = key.slice(prefix.length);
        const isOurs = hasLocks() ? await takeLock(key, signal) : session === mine || Date.now() - entry.savedAt > ABANDONED_MS;
        if (isOurs) kept.push({ session, ...entry });
      }
      return kept.toSorted((a, b) => a.savedAt - b.savedAt).map(({ session, state }) => ({ session, state }));
    },
    own(session) {
      writeMine(prefix, session);
      if (hasLocks()) void takeLock(keyOf(session), signal);
    },
  };
}

function readEntries(prefix: string): [string, Entry][] {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix))
      .flatMap((key): [string, Entry][] => {
        const entry = JSON.parse(localStorage.getItem(key) ?? 'null') as Entry | null;
        return entry === null ? [] : [[key, entry]];
      });
  } catch (cause) {
    log.error('unsent.unreadable', { reason: String(cause) });
    return [];
  }
}

/** Plain http beyond this machine has none, whatever the type says. */
const hasLocks = (): boolean => (navigator.locks as LockManager | undefined) !== undefined;

/** True when nobody else has it; it is then ours until the signal, or until this tab is gone, however it goes. */
const takeLock = (key: string, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const hold = async (): Promise<void> => {
      resolve(true);
      await new Promise((release) => signal.addEventListener('abort', release, { once: true }));
    };
    // A page that has just been left takes a moment to let go.
    const locked = navigator.locks.request(key, { signal: AbortSignal.timeout(LOCK_PATIENCE_MS) }, hold);
    locked.catch((cause: unknown) => {
      // Another tab has it; or a frame is not allowed to lock, and then it does not take over anything.
      log.info('unsent.not_taken_over', { reason: String(cause) });
      resolve(false);
    });
  });

/** Without locks a tab knows its own edits after a reload by this. */
function readMine(prefix: string): string | null {
  try {
    return sessionStorage.getItem(prefix);
  } catch (cause) {
    log.info('unsent.unreadable', { reason: String(cause) });
    return null;
  }
}

function writeMine(prefix: string, session: string): void {
  try {
    sessionStorage.setItem(prefix, session);
  } catch (cause) {
    log.info('unsent.not_kept', { reason: String(cause) });
  }
}
