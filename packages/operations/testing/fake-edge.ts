/** An edge that only remembers what it was told: for tests of everything that decides what it should do. */
import type { Edge, EdgeState } from '@berth/edge';

export type FakeEdge = Edge & { readonly states: EdgeState[] };

export function createFakeEdge(): FakeEdge {
  const states: EdgeState[] = [];
  return {
    states,
    start: async () => undefined,
    async apply(state) {
      states.push(state);
      return { reloaded: false, postponed: false };
    },
    settled: async () => true,
    drained: async () => true,
    webSockets: async () => 0,
    counters: async () => [],
    samples: () => ({ samples: [], dropped: 0 }),
    alive: async () => true,
    processes: async () => [],
    stop: async () => undefined,
    close: async () => undefined,
    certificates: {
      rootPath: '/nowhere/root.crt',
      list: async () => [],
      set: async () => {
        throw new Error('the fake edge has no certificates');
      },
      setIssued: async () => {
        throw new Error('the fake edge has no certificates');
      },
      issuedChain: async () => null,
      removeIssued: async () => undefined,
      remove: async () => undefined,
    },
    challenges: { answer: async () => undefined, withdraw: async () => undefined },
  };
}
