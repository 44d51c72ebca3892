/** Edits that closed tabs have left behind: brought to the server one after the other, unseen. */
import { parseSavedPad, type SavedPad } from '../session/saved-pad.ts';
import { createPadSync } from './pad-sync.ts';
import type { Kept, UnsentEdits } from './unsent-edits.ts';

export type LeftBehind = { readonly saved: SavedPad; readonly session: string };

/** Without what does not hold together: nothing can be done with that. */
export const parseLeftBehind = (kept: readonly Kept[]): LeftBehind[] =>
  kept.flatMap(({ session, state }) => {
    const saved = parseSavedPad(state);
    return saved === undefined ? [] : [{ saved, session }];
  });

export type RecoveryOptions = {
  readonly id: string;
  token(): string | null;
  readonly unsent: UnsentEdits;
  readonly signal: AbortSignal;
};

/**
 * Resolves when the server has the edits, with what could not be merged, or null. When the signal comes first, what was left
 * behind stays so.
 */
export const recover = ({ saved }: LeftBehind, { id, token, unsent, signal }: RecoveryOptions): Promise<string | null> =>
  new Promise((resolve) => {
    let lost = '';
    const finish = (unmerged: string): void => {
      sync.giveUp();
      sync.close();
      signal.removeEventListener('abort', stop);
      resolve(unmerged === '' ? null : unmerged);
    };
    const sync = createPadSync({
      id,
      token,
      saved,
      unsent,
      events: {
        change: () => undefined,
        event(event) {
          if (event.kind === 'rejected' || event.kind === 'superseded') lost += event.lost;
        },
        stateChanged() {
          // Not within the call that says so: the session is still at it.
          if (!sync.session.hasUnsent()) queueMicrotask(() => finish(lost));
        },
        failed: () => undefined,
        ended: () => finish(sync.session.text),
        notKept: () => undefined,
      },
    });
    const stop = (): void => sync.close();
    signal.addEventListener('abort', stop, { once: true });
  });
