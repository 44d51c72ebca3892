/** What the API says of backups. Times are ISO 8601 in UTC, durations milliseconds, sizes bytes. */
import * as z from 'zod';
import { ErrorBody } from './error-body.ts';

export const storeKinds = ['sqlite', 'files'] as const;

/** The target that every platform has from the start, in its own home: against mistakes, not against the loss of the machine. */
export const LOCAL_TARGET = 'local';

/** One thing that was tried with a target before it was accepted. */
export const TargetCheck = z.object({
  name: z.string(),
  outcome: z.enum(['passed', 'failed', 'not tried']),
  evidence: z.string(),
  ms: z.number(),
});
export type TargetCheck = z.infer<typeof TargetCheck>;

export const targetStates = ['protecting', 'catching-up', 'failing', 'fenced'] as const;

export const TargetStatus = z.object({
  name: z.string(),
  /** Without credentials. */
  url: z.string(),
  addedAt: z.iso.datetime(),
  /** `catching-up`: not everything that exists is there yet. `fenced`: another machine has taken the vault over. */
  state: z.enum(targetStates),
  /** Age of the oldest change of any store that is not there yet; null while that is not known. */
  lagMs: z.number().int().nullable(),
  /** Bytes and requests since the daemon started. */
  sentBytes: z.number().int(),
  requests: z.number().int(),
  error: ErrorBody.nullable(),
});
export type TargetStatus = z.infer<typeof TargetStatus>;

/** The recovery kit that was written last; it does not know targets that came later. */
export const WrittenKit = z.object({ at: z.iso.datetime(), targets: z.array(z.string()) });
export type WrittenKit = z.infer<typeof WrittenKit>;

export const storeStates = ['protected', 'starting', 'late', 'failing', 'unprotected'] as const;

/** How a store stands at one target. */
export const StoreAtTarget = z.object({
  target: z.string(),
  /** Age of the oldest change that is not there yet, for files of their newest snapshot; null before the first copy is complete. */
  lagMs: z.number().int().nullable(),
  /** Why it is not as it should be, in one line. */
  reason: z.string().nullable(),
});
export type StoreAtTarget = z.infer<typeof StoreAtTarget>;

export const DrillOutcome = z.enum(['passed', 'failed', 'inconclusive']);

/** A rehearsed restore of an app. Only `passed` says that its backup can be relied on. */
export const Drill = z.object({
  app: z.string(),
  at: z.iso.datetime(),
  operation: z.number().int(),
  target: z.string(),
  outcome: DrillOutcome,
  /** From the first byte to restored, verified and judged. */
  recoveryMs: z.number().int(),
  /** What would have been lost with the machine at that moment: the age of the oldest change that was not in what came back. */
  lossMs: z.number().int().nullable(),
  stores: z.array(
    z.object({
      store: z.string(),
      outcome: DrillOutcome,
      ms: z.number().int(),
      bytes: z.number().int(),
      /** The moment that came back. */
      restoredAt: z.iso.datetime().nullable(),
      /** What was proven, or what is wrong. */
      evidence: z.string(),
    }),
  ),
  /** What the manifest's own check said; null where it has none. */
  check: z.object({ ok: z.boolean(), output: z.string() }).nullable(),
});
export type Drill = z.infer<typeof Drill>;

export const StoreStatus = z.object({
  store: z.string(),
  kind: z.enum(storeKinds),
  /** On the disk; null while it does not exist. */
  bytes: z.number().int().nullable(),
  state: z.enum(storeStates),
  /** What would be lost with the machine now: the smallest lag among targets outside of its home; null where there is none. */
  lossMs: z.number().int().nullable(),
  targets: z.array(StoreAtTarget),
  /** Why it is not protected, in one line. */
  reason: z.string().nullable(),
  /** Of the last drill of the app that restored this store. */
  drill: z
    .object({ at: z.iso.datetime(), outcome: DrillOutcome, recoveryMs: z.number().int(), lossMs: z.number().int().nullable() })
    .nullable(),
});
export type StoreStatus = z.infer<typeof StoreStatus>;

export const restorePointKinds = ['deploy', 'rollback', 'restore', 'configure', 'start', 'manual', 'schedule'] as const;

/** A moment that every store of an app can go back to. */
export const RestorePoint = z.object({
  /** What `--to` takes, e.g. "p12". */
  point: z.string(),
  app: z.string(),
  at: z.iso.datetime(),
  kind: z.enum(restorePointKinds),
  label: z.string().nullable(),
  /** The release that served at that moment. */
  release: z.number().int().nullable(),
  /** The operation before which it was taken. */
  operation: z.number().int().nullable(),
  stores: z.array(z.string()),
});
export type RestorePoint = z.infer<typeof RestorePoint>;

/** A stretch of time of one store at one target. */
export const RestoreRange = z.object({
  store: z.string(),
  target: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** `every-change`: any moment in it. `snapshots`: only some moments, `states` of them. */
  resolution: z.enum(['every-change', 'snapshots']),
  states: z.number().int().nullable(),
});
export type RestoreRange = z.infer<typeof RestoreRange>;

export const TimeLine = z.object({
  app: z.string(),
  /** Newest first. */
  points: z.array(RestorePoint),
  ranges: z.array(RestoreRange),
  /** Targets that did not answer, and why: what they hold is not in `ranges`. */
  unreachable: z.array(z.object({ target: z.string(), reason: z.string() })),
});
export type TimeLine = z.infer<typeof TimeLine>;
