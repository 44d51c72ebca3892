import { BerthError } from '@berth/core';

export const targetObjectExists = (target: string, name: string): BerthError =>
  new BerthError('TARGET_EXISTS', `${target} holds ${name} already`, {
    hint: 'another program writes this replica: stop it, or let this one take over',
    fields: { target, name },
  });

export const targetObjectMissing = (target: string, name: string): BerthError =>
  new BerthError('TARGET_OBJECT_MISSING', `${target} does not hold ${name}`, {
    hint: 'see with `list` what the target holds; an object deleted by hand leaves a gap that only a snapshot closes',
    fields: { target, name },
  });

export const targetFull = (target: string, name: string, cause: unknown): BerthError =>
  new BerthError('TARGET_FULL', `${target} has no room for ${name}`, {
    hint: 'make room at the target, or keep less by retention; what could not be stored is tried again',
    fields: { target, name },
    cause,
  });

export const targetFailed = (target: string, name: string, cause: unknown): BerthError =>
  new BerthError('TARGET_FAILED', `${target} failed at ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    hint: 'check that the target is there and may be written and read',
    fields: { target, name },
    cause,
  });

export const targetNameRefused = (target: string, name: string): BerthError =>
  new BerthError('TARGET_NAME_REFUSED', `"${name}" cannot be the name of an object in ${target}`, {
    hint: 'names are words of letters, digits, ".", "_" and "-", joined by "/", and stay inside the target',
    fields: { target, name },
  });

export const segmentDamaged = (name: string, why: string, cause?: unknown): BerthError =>
  new BerthError('SEGMENT_DAMAGED', `${name} is damaged: ${why}`, {
    hint: 'run `verify` to see what can still be restored; a new snapshot makes the replica whole again',
    fields: { name, why },
    cause,
  });

export const segmentFormatUnknown = (name: string, format: unknown): BerthError =>
  new BerthError('SEGMENT_FORMAT_UNKNOWN', `${name} has format ${format}, which this version does not know`, {
    hint: 'read it with the version that wrote it, or a newer one',
    fields: { name, format },
  });

export const sealMissing = (name: string): BerthError =>
  new BerthError('SEAL_MISSING', `${name} is not encrypted, although this target is read with a key`, {
    hint: 'somebody may have put it there; read without a key only a replica that was written without one',
    fields: { name },
  });

export const sealBroken = (name: string, why: string, cause?: unknown): BerthError =>
  new BerthError('SEAL_BROKEN', `${name} cannot be decrypted: ${why}`, {
    hint: 'either the key is another one, or the object was changed, cut off or renamed',
    fields: { name, why },
    cause,
  });

export const segmentSealed = (name: string): BerthError =>
  new BerthError('SEGMENT_SEALED', `${name} is encrypted`, {
    hint: 'give the data key of this replica',
    fields: { name },
  });

export const dataKeyInvalid = (bytes: number): BerthError =>
  new BerthError('DATA_KEY_INVALID', `a data key has 32 bytes, this one ${bytes}`, {
    hint: 'give the key as it was made, 32 random bytes',
    fields: { bytes },
  });

export const databaseNotFound = (target: string, database: string): BerthError =>
  new BerthError('REPLICA_NOT_FOUND', `${target} holds nothing of the database ${database}`, {
    hint: 'check the name and the target; `list` shows what is there',
    fields: { target, database },
  });

type Reachable = { readonly id: string; readonly ranges: readonly { readonly from: number; readonly to: number }[] };

export const restorePointUnreachable = (what: { database: string; wanted: string; lineages: readonly Reachable[] }): BerthError =>
  new BerthError(
    'RESTORE_POINT_UNREACHABLE',
    `${what.database} cannot be restored to ${what.wanted}: ${whatThereIs(what.lineages)}`,
    {
      hint: 'choose a point inside the ranges named; where only merged segments are left, only their ends can be restored',
      fields: what,
    },
  );

const whatThereIs = (lineages: readonly Reachable[]): string => {
  const parts = lineages
    .filter(({ ranges }) => ranges.length > 0)
    .map(
      ({ id, ranges }) => `lineage ${id} has transactions ${ranges.map(({ from, to }) => `${from} to ${to}`).join(', then ')}`,
    );
  return parts.length === 0 ? 'there is no complete snapshot' : parts.join('; ');
};

export const restoreTargetExists = (path: string): BerthError =>
  new BerthError('RESTORE_TARGET_EXISTS', `${path} exists`, {
    hint: 'restore to another path, or move the old database away together with its -wal, -shm and -journal files',
    fields: { path },
  });

export const replicaBroken = (name: string, why: string): BerthError =>
  new BerthError('REPLICA_BROKEN', `the replica is not what was written: ${why} (at ${name})`, {
    hint: 'choose an earlier point, or another target; a new snapshot makes the replica whole again',
    fields: { name, why },
  });

/** `at` is the moment of the newest state before the gap, milliseconds since 1970; undefined where it cannot be read. */
export const replicaGap = (what: {
  database: string;
  lineage: string;
  after: number;
  behind: number;
  at?: number;
}): BerthError => {
  const { database, after, behind, at } = what;
  const moment = at === undefined ? `transaction ${after}` : new Date(at).toISOString();
  const why = `transaction ${after + 1} is missing, and ${behind} objects lie behind it; the newest state that can be reached is that of ${moment}`;
  return new BerthError('REPLICA_BROKEN', `the newest state of ${database} cannot be restored: ${why}`, {
    hint: `take another target, or ask for ${at === undefined ? 'that transaction' : `the moment ${moment}`} and lose what came after it`,
    fields: { ...what, name: database, why },
  });
};

export const restoredDatabaseCorrupt = (path: string, problems: readonly string[]): BerthError =>
  new BerthError('RESTORED_DATABASE_CORRUPT', `SQLite finds the restored copy damaged: ${problems.slice(0, 3).join('; ')}`, {
    hint: 'the copy equals what was captured, so the source was damaged then: choose an earlier point',
    fields: { path, problems },
  });

export const commandMisused = (why: string): BerthError =>
  new BerthError('COMMAND_MISUSED', `this is not understood: ${why}`, {
    hint: '`node packages/replicate/command.ts help` shows how it is meant',
  });
