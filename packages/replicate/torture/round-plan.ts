import { createRandom, type Random } from './random.ts';
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

export type RoundEvent = {
  /** Since the event before; counted from when the replicator follows the database, or not: then it may die while it begins. */
  readonly afterMs: number;
  readonly followed: boolean;
} & (
  | { readonly kind: 'kill'; readonly whom: 'replicator' | 'writer' | 'both'; readonly pauseMs: number }
  | { readonly kind: 'pause'; readonly whom: 'replicator' | 'writer'; readonly forMs: number }
  /** All are stopped, the database gets another page size, all start again. */
  | { readonly kind: 'page size'; readonly pageSize: number }
  /** All are killed after `forMs` of work, the database and its log are put back as they were before, all start again. */
  | { readonly kind: 'turn back'; readonly forMs: number }
);

/** How the writers leave, and whether the replicator is killed once more before it may finish. */
export type RoundEnd = { readonly writers: 'told' | 'killed'; readonly killReplicator: boolean };

export type RoundShape = {
  readonly workMs: number;
  /** Fault windows, of which each round opens a random choice, or all. */
  readonly windows: readonly string[];
  readonly allWindows: boolean;
  readonly scene?: Scene;
};

/** Of what there is a lot in a round; without one it is a bit of everything. */
export type Scene = (typeof SCENES)[number];

export const SCENES = ['quiet', 'restarts', 'turned back', 'rivals'] as const;

const PAGE_SIZES = [512, 1024, 2048, 4096, 4096, 8192, 16_384, 32_768, 65_536] as const;

export function planRound(seed: number, shape: RoundShape): RoundPlan {
  const random = createRandom(seed);
  // Undisturbed, it must have every single state.
  const isQuiet = shape.scene === 'quiet' || (shape.scene === undefined && random.boolean(0.2));
  const count = isQuiet ? 0 : Math.max(1, Math.round(shape.workMs / 1_200));
  const events = Array.from({ length: count }, () => someEvent(random, shape.scene));
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
      // A log that was restarted since is another one by its salts already.
      options: {
        ...someOptions(random),
        ...(shape.scene === 'turned back' && { checkpointFrames: 1e6, checkpointEveryMs: 1e6 }),
      },
    },
    events,
    end: { writers: random.pick(['told', 'killed']), killReplicator: random.boolean(0.3) },
  };
}

function someEvent(random: Random, scene?: Scene): RoundEvent {
  const at = { afterMs: random.integer(0, random.pick([50, 300, 1_500])), followed: random.boolean(0.75) };
  if (scene === 'turned back') return { ...at, kind: 'turn back', forMs: random.integer(50, 250) };
  const choice = scene === 'restarts' ? 0 : random.next();
  if (choice < 0.4) return { ...at, kind: 'kill', whom: 'replicator', pauseMs: random.pick([0, 0, 50, 500]) };
  if (choice < 0.55) return { ...at, kind: 'kill', whom: 'writer', pauseMs: random.pick([0, 100]) };
  if (choice < 0.7) return { ...at, kind: 'kill', whom: 'both', pauseMs: random.pick([0, 100]) };
  if (choice < 0.9) return { ...at, kind: 'pause', whom: random.pick(['replicator', 'writer']), forMs: random.integer(0, 1_500) };
  if (choice < 0.95) return { ...at, kind: 'page size', pageSize: random.pick(PAGE_SIZES) };
  return { ...at, kind: 'turn back', forMs: random.integer(50, 500) };
}

/** No round writes as much at once. */
const NEVER_COALESCE_BYTES = 1e9;

/** Whether a writer that is fast has its commits put together: then not every state is a transaction of its own. */
export function mayCoalesce({ manner }: RoundPlan): boolean {
  return manner.options.coalesceBytes !== NEVER_COALESCE_BYTES;
}

function someOptions(random: Random): Manner['options'] {
  return {
    intervalMs: random.pick([20, 100, 250]),
    segmentBytes: random.pick([20_000, 200_000, 8_000_000]),
    checkpointFrames: random.pick([10, 50, 300]),
    checkpointEveryMs: random.pick([200, 1000]),
    barrierTailBytes: random.pick([20_000, 256_000]),
    truncateLogBytes: random.pick([100_000, 2_000_000]),
    copyInProcessBytes: random.pick([50_000, 64 << 20]),
    hardLogBytes: random.pick([1_000_000, 20_000_000]),
    coalesceBytes: random.boolean(0.15) ? 100_000 : NEVER_COALESCE_BYTES,
  };
}
