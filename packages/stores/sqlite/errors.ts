import { BerthError } from '@berth/core';

export const storeNotFollowed = (store: { id: string; path: string }, reason: BerthError | string): BerthError =>
  new BerthError('STORE_NOT_FOLLOWED', `${store.path} is not followed: ${typeof reason === 'string' ? reason : reason.message}`, {
    hint: typeof reason === 'string' ? 'its health tells more; it is tried again by itself' : reason.hint,
    fields: { id: store.id, path: store.path, ...(typeof reason === 'string' ? {} : { reason: reason.code }) },
    cause: reason,
  });

export const storeUnknown = (id: string): BerthError =>
  new BerthError('STORE_UNKNOWN', `no store with the id ${id} is protected`, {
    hint: 'a store is protected from the deploy on that declares it, as soon as there is a target',
    fields: { id },
  });

export const replicatorNotRunning = (cause: unknown): BerthError =>
  new BerthError('REPLICATOR_NOT_RUNNING', 'the replicator does not run: nothing is being followed', {
    hint: 'it is started again by itself; the events and the daemon’s log tell what ended it',
    cause,
  });

/** What was committed is at some target not yet; `reasons` in words, one for each target that is behind. */
export const backupLate = (timeoutMs: number, reasons: readonly string[], cause: unknown): BerthError =>
  new BerthError(
    'BACKUP_LATE',
    `not all of it is safe at every target after ${timeoutMs} ms${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`,
    {
      hint: 'sending goes on; see that the target can be reached and has room, and ask again',
      fields: { timeoutMs, reasons },
      cause,
    },
  );

/** A position that another kind of store made. */
export const positionForeign = (id: string, kind: string): BerthError =>
  new BerthError('STORE_POSITION_FOREIGN', `a position of kind ${kind} names no state of the database ${id}`, {
    hint: 'this is a fault in Berth: please report it with the restore point that was asked for',
    fields: { id, kind },
  });

export const momentTooEarly = (id: string, at: Date, earliest: Date | null): BerthError =>
  new BerthError(
    'STORE_MOMENT_TOO_EARLY',
    `there is no state of ${id} from ${at.toISOString()} or before${earliest === null ? '' : `: the earliest is from ${earliest.toISOString()}`}`,
    {
      hint: earliest === null ? 'nothing of it is complete at this target; try another one' : 'choose that moment or a later one',
      fields: { id, at: at.getTime(), earliest: earliest?.getTime() ?? null },
    },
  );

/** Something is where a database shall be restored to. */
export const restorePlaceTaken = (file: string): BerthError =>
  new BerthError('STORE_PLACE_TAKEN', `nothing can be restored to ${file}: something is there`, {
    hint: 'restore to another path; a log beside a restored database would be replayed into it',
    fields: { file },
  });

export const targetAway = (target: string, path: string): BerthError =>
  new BerthError('TARGET_AWAY', `${path}, where the target ${target} should be, is no directory`, {
    hint: 'see whether the disk is mounted',
    fields: { target, path },
  });
