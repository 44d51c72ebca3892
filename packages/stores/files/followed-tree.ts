import { stat } from 'node:fs/promises';
import { asBerthError, type BerthError } from '@berth/core';
import type { ProtectedStore, StoreNotice } from '../store.ts';
import { treeUnreadable } from './errors.ts';
import { type Fingerprint, fingerprintOf } from './fingerprint.ts';

/** A store's directory, and what is known of how it changes. */
export type FollowedTree = {
  store: ProtectedStore;
  /** Walks it now; null when it does not exist. Throws TREE_UNREADABLE. */
  look(signal: AbortSignal): Promise<Fingerprint | null>;
  exists(): Promise<boolean>;
  /** As last measured. */
  readonly bytes: number | null;
  readonly error: BerthError | null;
  /** How long the last walk took. */
  readonly walkMs: number;
  /** Whether it is known to be as it was in that state. */
  isIn(state: string | null): boolean;
  /** When it was last seen in that state, milliseconds since 1970; null when it never was, here. */
  lastSeenIn(state: string | null): number | null;
};

export type FollowedTreeDeps = { readonly now: () => Date; readonly notice: (notice: StoreNotice) => void };

export const createFollowedTree = (store: ProtectedStore, { now, notice }: FollowedTreeDeps): FollowedTree => {
  /** Of the last states, when a walk that found them began. */
  const seenAt = new Map<string, number>();
  let latest: Fingerprint | null = null;
  let error: BerthError | null = null;
  let named = '';

  const nameDatabases = (databases: readonly string[]): void => {
    const names = databases.join(', ');
    if (names === named) return;
    named = names;
    if (names === '') return;
    const hint = 'a database that is copied while it is written may not open again: make it a store of kind sqlite';
    notice({
      level: 'warning',
      name: 'files.database-found',
      id: tree.store.id,
      target: null,
      fields: { databases: names, hint },
    });
  };

  const tree: FollowedTree = {
    store,
    async look(signal) {
      const beganAt = now().getTime();
      try {
        if (!(await tree.exists())) {
          latest = null;
          error = null;
          return null;
        }
        const found = await fingerprintOf(tree.store.path, signal);
        latest = found;
        error = null;
        if (found.state !== null) {
          seenAt.delete(found.state);
          seenAt.set(found.state, beganAt);
          for (const state of [...seenAt.keys()].slice(0, -STATES_KEPT)) seenAt.delete(state);
        }
        nameDatabases(found.databases);
        return found;
      } catch (cause) {
        signal.throwIfAborted();
        const { code } = cause as NodeJS.ErrnoException;
        error = code?.startsWith('E') === true ? treeUnreadable(tree.store.path, code) : asBerthError(cause);
        throw error;
      }
    },
    async exists() {
      const found = await stat(tree.store.path).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') return null;
        throw cause;
      });
      if (found !== null && !found.isDirectory()) throw treeUnreadable(tree.store.path, 'it is not a directory');
      return found !== null;
    },
    get bytes() {
      return latest?.bytes ?? null;
    },
    get error() {
      return error;
    },
    get walkMs() {
      return latest?.ms ?? 0;
    },
    isIn: (state) => state !== null && latest?.state === state,
    lastSeenIn: (state) => (state === null ? null : (seenAt.get(state) ?? null)),
  };
  return tree;
};

const STATES_KEPT = 64;
