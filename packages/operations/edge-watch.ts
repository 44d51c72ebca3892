import type { Edge } from '@berth/edge';

/** Whether the edge answers. It is asked again and again in the background, so that nobody who wants to know waits for it. */
export interface EdgeWatch {
  /** Asks it, and remembers the answer. */
  look(): Promise<boolean>;
  /** As it was seen at the last look, unless a process of it has gone since; asks when that was too long ago. */
  isUp(): Promise<boolean>;
}

export type EdgeWatchDeps = { readonly edge: Pick<Edge, 'alive' | 'processes'>; readonly now: () => Date };

export function createEdgeWatch({ edge, now }: EdgeWatchDeps): EdgeWatch {
  let seen: { readonly isUp: boolean; readonly atMs: number } | null = null;

  const look = async (): Promise<boolean> => {
    const isUp = await edge.alive();
    seen = { isUp, atMs: now().getTime() };
    return isUp;
  };

  return {
    look,
    async isUp() {
      // The clock may have been set back.
      if (seen === null || Math.abs(now().getTime() - seen.atMs) > REMEMBERED_MS) return look();
      const running = new Set((await edge.processes()).map(({ name }) => name));
      return seen.isUp && running.has('haproxy') && running.has('nginx');
    },
  };
}

/** Several of the supervisor's looks: one of them may be late. */
const REMEMBERED_MS = 5_000;
