/** A driver that keeps every marked state in memory: for tests of what decides when data is kept, brought back and exchanged. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { BerthError } from '@berth/core';
import type { ProtectedStore, StoreDriver, StorePosition } from '@berth/stores';

export type FakeStoreDriver = StoreDriver & {
  readonly followed: readonly ProtectedStore[];
  /** Targets, by name, that answer nothing; every restore from them fails. */
  readonly silent: Set<string>;
  /** Makes what comes back from then on be damaged. */
  breakRestores(why: string | null): void;
  detach(): void;
};

export function createFakeStoreDriver(kind: 'sqlite' | 'files'): FakeStoreDriver {
  let followed: readonly ProtectedStore[] = [];
  let targets: readonly string[] = [];
  let broken: string | null = null;
  const silent = new Set<string>();
  const states = new Map<string, { number: number; atMs: number; content: Buffer }[]>();
  const statesOf = (id: string) => {
    const known = states.get(id) ?? [];
    states.set(id, known);
    return known;
  };
  const capture = (id: string, atMs: number) => {
    const store = followed.find((it) => it.id === id);
    if (!store || !existsSync(store.path)) return undefined;
    const content = contentOf(store.path);
    const newest = statesOf(id).at(-1);
    if (newest?.content.equals(content)) return newest;
    const state = { number: (newest?.number ?? 0) + 1, atMs, content };
    statesOf(id).push(state);
    return state;
  };
  const toPosition = (number: number): StorePosition =>
    kind === 'sqlite' ? { kind, lineage: 'fake', txid: number } : { kind, at: number };
  return {
    kind,
    get followed() {
      return followed;
    },
    silent,
    supports: { continuous: kind === 'sqlite' },
    breakRestores: (why) => void (broken = why),
    async protect(stores, accesses) {
      followed = stores;
      targets = accesses.map(({ name }) => name);
    },
    async mark(ids, at) {
      const found = ids.flatMap((id) => {
        const state = capture(id, at.getTime());
        return state ? [[id, toPosition(state.number)] as const] : [];
      });
      return new Map(found);
    },
    async backup(ids) {
      for (const id of ids) capture(id, Date.now());
    },
    health: async () =>
      followed.map(({ id, path }) => ({
        id,
        bytes: existsSync(path) ? contentOf(path).length : null,
        error: null,
        targets: targets.map((target) => ({ target, lagMs: 0, error: null, isFenced: false, sentBytes: 0, requests: 0 })),
      })),
    async ranges({ id }) {
      const known = statesOf(id);
      const [first, last] = [known[0], known.at(-1)];
      return first && last ? [{ fromMs: first.atMs, toMs: last.atMs, resolution: 'every-change', states: null }] : [];
    },
    async restore({ store, from, to, into }) {
      if (silent.has(from.name)) throw new BerthError('TARGET_FAILED', `${from.name} does not answer`, { hint: 'wait' });
      if (broken !== null) throw new BerthError('REPLICA_BROKEN', broken, { hint: 'another target' });
      const known = statesOf(store.id);
      const wanted = (state: (typeof known)[number]) => {
        if (to === 'latest') return true;
        if ('at' in to) return state.atMs <= to.at.getTime();
        return state.number === (to.position.kind === 'sqlite' ? to.position.txid : to.position.at);
      };
      const state = known.findLast(wanted);
      if (!state) throw new BerthError('RESTORE_POINT_UNREACHABLE', 'there is no such state', { hint: 'another moment' });
      await writeFile(into, state.content);
      return { atMs: state.atMs, bytes: state.content.length, evidence: 'equal', ms: 1 };
    },
    parts: (path) => [path],
    upkeep: async () => ({ deleted: 0, bytesFreed: 0 }),
    stop: async () => undefined,
    detach: () => undefined,
  };
}

/** Of a directory its names are enough here. */
const contentOf = (path: string): Buffer =>
  statSync(path).isDirectory() ? Buffer.from(readdirSync(path).join()) : readFileSync(path);
