import { createRandom, type Random } from '@berth/testing';
import type { Manner } from './subject.ts';

/** What one round does, decided by its seed alone. How long each thing takes is the machine's. */
export type RoundPlan = {
  readonly seed: number;
  readonly pageSize: number;
  readonly autoVacuum: 'NONE' | 'FULL' | 'INCREMENTAL';
  readonly writers: number;
  readonly pauseMs: number;
  readonly sampled: number;
  readonly workMs: number;
  /** With the places where the replicator sleeps, to hold open the moments in which a mistake would show. */
  readonly manner: Manner;
  readonly events: readonly RoundEvent[];
  readonly end: RoundEnd;
};

export type RoundEvent =
  | { readonly afterMs: number; readonly kind: 'kill'; readonly whom: 'replicator' | 'writer' | 'both'; readonly pauseMs: number }
  | { readonly afterMs: number; readonly kind: 'pause'; readonly whom: 'replicator' | 'writer'; readonly forMs: number }
  /** All are stopped, the database gets another page size, all start again. */
  | { readonly afterMs: number; readonly kind: 'page size'; readonly pageSize: number };

/** How the writers leave, and whether the replicator is killed once more before it may finish. */
export type RoundEnd = { readonly writers: 'told' | 'killed'; readonly killReplicator: boolean };

export type RoundShape = {
  readonly workMs: number;
  /** Fault windows, of which each round opens a random choice, or all. */
  readonly windows: readonly string[];
  readonly allWindows: boolean;
  readonly kills?: boolean;
};

const PAGE_SIZES = [512, 1024, 2048, 4096, 4096, 8192, 16_384, 32_768, 65_536] as const;

export function planRound(seed: number, shape: RoundShape): RoundPlan {
  const random = createRandom(seed);
  const events: RoundEvent[] = [];
  const pageSizeChanges = random.boolean(0.15);
  if (shape.kills !== false) {
    for (let at = random.integer(200, 900); at < shape.workMs - 300; at += random.integer(300, 1_500)) {
      const choice = random.next();
      if (choice < 0.45) events.push({ afterMs: at, kind: 'kill', whom: 'replicator', pauseMs: random.pick([0, 0, 50, 500]) });
      else if (choice < 0.6) events.push({ afterMs: at, kind: 'kill', whom: 'writer', pauseMs: random.pick([0, 100]) });
      else if (choice < 0.75) events.push({ afterMs: at, kind: 'kill', whom: 'both', pauseMs: random.pick([0, 100]) });
      else
        events.push({ afterMs: at, kind: 'pause', whom: random.pick(['replicator', 'writer']), forMs: random.integer(0, 1_500) });
    }
    if (pageSizeChanges) {
      const middle = Math.round(shape.workMs / 2);
      events.push({ afterMs: middle, kind: 'page size', pageSize: random.pick(PAGE_SIZES) });
      events.sort((a, b) => a.afterMs - b.afterMs);
    }
  }
  return {
    seed,
    pageSize: random.pick(PAGE_SIZES),
    autoVacuum: random.pick(['NONE', 'FULL', 'INCREMENTAL']),
    writers: random.integer(1, 4),
    pauseMs: random.pick([0, 3, 10, 20]),
    sampled: random.pick([0.03, 0.06, 0.1]),
    workMs: shape.workMs,
    manner: {
      faults: shape.windows.filter(() => shape.allWindows || random.boolean(0.4)).join(','),
      options: someOptions(random),
    },
    events,
    end: { writers: random.pick(['told', 'killed']), killReplicator: random.boolean(0.3) },
  };
}

function someOptions(random: Random): Manner['options'] {
  return {
    intervalMs: random.pick([20, 100, 250]),
    segmentBytes: random.pick([20_000, 200_000, 8_000_000]),
    checkpointFrames: random.pick([10, 50, 300]),
    checkpointEveryMs: random.pick([200, 1000]),
    barrierTailBytes: random.pick([20_000, 256_000]),
    truncateLogBytes: random.pick([100_000, 2_000_000]),
    hardLogBytes: random.pick([1_000_000, 20_000_000]),
  };
}
