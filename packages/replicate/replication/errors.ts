import { asBerthError, BerthError } from '@berth/core';

export const databaseMissing = (path: string): BerthError =>
  new BerthError('DATABASE_MISSING', `there is no database at ${path}`, {
    hint: 'replication begins by itself as soon as the application has made it',
    fields: { path },
  });

export const databaseNotWal = (path: string): BerthError =>
  new BerthError('DATABASE_NOT_WAL', `${path} is not in WAL mode`, {
    hint: 'let the application run `PRAGMA journal_mode = WAL` once; replication begins by itself then',
    fields: { path },
  });

export const databaseUnfollowed = ({ id, path, why }: { id: string; path: string; why: string }): BerthError =>
  new BerthError('DATABASE_UNFOLLOWED', `${path} is not followed at present: ${why}`, {
    hint: 'the status tells why; it is tried again by itself',
    fields: { id, path, why },
  });

export const databaseUnreadable = (path: string, cause: unknown): BerthError =>
  new BerthError('DATABASE_UNREADABLE', `${path} cannot be followed: ${cause instanceof Error ? cause.message : String(cause)}`, {
    hint: 'the replicator needs to read and write the database’s directory, as the user that the application runs as or a member of its group',
    fields: { path },
    cause,
  });

export const networkFileSystem = (path: string, fileSystem: string): BerthError =>
  new BerthError('DATABASE_ON_NETWORK', `${path} is on ${fileSystem}, where SQLite’s locks cannot be relied on`, {
    hint: 'keep the database on a local disk',
    fields: { path, fileSystem },
  });

export const sqliteUnsafe = (version: string, safe: string): BerthError =>
  new BerthError('SQLITE_UNSAFE', `SQLite ${version} can lose committed pages when two programs checkpoint at once`, {
    hint: `run a Node.js with SQLite ${safe}`,
    fields: { version },
  });

export const stateInUse = (directory: string): BerthError =>
  new BerthError('REPLICATION_STATE_IN_USE', `another replicator uses ${directory}`, {
    hint: 'stop it, or give this one a state directory of its own',
    fields: { directory },
  });

export const spaceLow = (directory: string, freeBytes: number): BerthError =>
  new BerthError('REPLICATION_SPACE_LOW', `only ${freeBytes} bytes are free for ${directory}`, {
    hint: 'make room; until then nothing is captured, and afterwards the difference is shipped at once',
    fields: { directory, freeBytes },
  });

/** Both are met while a segment is written, and between two. */
export const isSpaceLow = (thrown: unknown): thrown is BerthError =>
  thrown instanceof BerthError && thrown.code === 'REPLICATION_SPACE_LOW';

export const queueFull = (directory: string, bytes: number): BerthError =>
  new BerthError('REPLICATION_QUEUE_FULL', `${bytes} bytes wait for the targets in ${directory}, which is as much as may wait`, {
    hint: 'see whether the targets are reachable, and how fast; until half of it is gone nothing is captured, and then the difference is shipped at once',
    fields: { directory, bytes },
  });

export const stateFull = (directory: string, cause: unknown): BerthError =>
  new BerthError('REPLICATION_STATE_FULL', `there is no room left in ${directory}`, {
    hint: 'make room on that disk; until then nothing is captured, and afterwards the difference is shipped at once',
    fields: { directory },
    cause,
  });

/** Of all files here only those of the state are written; targets have errors of their own. */
export const asStateError = (thrown: unknown, directory: string): BerthError =>
  FULL.has(String((thrown as { code?: unknown } | null)?.code)) ? stateFull(directory, thrown) : asBerthError(thrown);

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

export const fenced = (target: string, name: string): BerthError =>
  new BerthError('REPLICATION_FENCED', `another replicator writes to ${target}: ${name} is not ours`, {
    hint: 'two machines think that they are the same: stop the wrong one, or let this one take over with a target of its own',
    fields: { target, name },
  });

export const targetTimedOut = (target: string, name: string, timeoutMs: number): BerthError =>
  new BerthError('TARGET_TIMED_OUT', `${target} did not store ${name} within ${timeoutMs} ms`, {
    hint: 'it is tried again by itself; see whether the target is reachable',
    fields: { target, name, timeoutMs },
  });

export const notSafeInTime = (timeoutMs: number, cause: unknown): BerthError =>
  new BerthError('REPLICATION_LATE', `what was committed is not safe at every target after ${timeoutMs} ms`, {
    hint: 'the status tells for each target how far it is and what went wrong last',
    fields: { timeoutMs },
    cause,
  });

export const replicatorEnded = (how: string): BerthError =>
  new BerthError('REPLICATOR_ENDED', `the replicator ended: ${how}`, {
    hint: 'it is started again by itself; what it said on stderr tells more',
    fields: { how },
  });

export const planInvalid = (why: string): BerthError =>
  new BerthError('REPLICATION_PLAN_INVALID', `this cannot be replicated: ${why}`, {
    hint: 'correct the databases or targets that were asked for',
    fields: { why },
  });
