import { asBerthError, type BerthError } from '@berth/core';
import type { ProtectedStore, RestoredStore, StoreMoment, StoreRange } from '@berth/stores';
import type { OpenTarget, RecoveryDeps } from './deps.ts';
import type { Silent } from './targets.ts';

/** What one target has of something. */
export type Copy = {
  readonly target: OpenTarget;
  /** The newest state at or before the wanted moment, as far as the ranges tell; milliseconds since 1970. */
  readonly atMs: number;
};

export type Copies = {
  /** Newest first. */
  readonly copies: readonly Copy[];
  /** Targets that could not be asked: they may have it. */
  readonly silent: readonly Silent[];
};

type Wanted = {
  readonly kind: 'sqlite' | 'files';
  readonly store: ProtectedStore;
  readonly at: Date | null;
  readonly signal?: AbortSignal | undefined;
};

/** Asks every target. Nothing is thrown for one that does not answer. */
export async function findCopies(
  { drivers }: Pick<RecoveryDeps, 'drivers'>,
  targets: readonly OpenTarget[],
  { kind, store, at, signal }: Wanted,
): Promise<Copies> {
  const asked = await Promise.all(
    targets.map(async (target) => {
      try {
        const atMs = newestState(await drivers[kind].ranges(store, target.access, signal), at);
        return atMs === null ? null : { target, atMs };
      } catch (cause) {
        signal?.throwIfAborted();
        return { target: target.name, reason: asBerthError(cause).message };
      }
    }),
  );
  const isSilent = (it: Copy | Silent): it is Silent => 'reason' in it;
  const found = asked.filter((it) => it !== null);
  return {
    // Stable: of two that are as new, the one that stands first in the kit.
    copies: found.filter((it): it is Copy => !isSilent(it)).toSorted((a, b) => b.atMs - a.atMs),
    silent: found.filter(isSilent),
  };
}

/** The newest state at or before a moment, as far as ranges tell; null where none is. */
export function newestState(ranges: readonly StoreRange[], at: Date | null): number | null {
  const until = at?.getTime() ?? Number.POSITIVE_INFINITY;
  const states = ranges.filter(({ fromMs }) => fromMs <= until).map(({ toMs }) => Math.min(toMs, until));
  return states.length === 0 ? null : Math.max(...states);
}

export type BroughtBack =
  | { readonly outcome: 'recovered'; readonly target: string; readonly restored: RestoredStore }
  | { readonly outcome: 'failed'; readonly reasons: readonly string[] };

type BringBack = Wanted & {
  readonly part: string;
  readonly into: string;
  readonly bytes: number | null;
  /** Makes `into` free again before each try. */
  readonly clear: () => Promise<void>;
};

/**
 * From the newest copy, and from the next where that one is damaged. A target that went silent meanwhile is thrown: going on
 * without it would be to lose what it has, and the recovery can be run again.
 */
export async function bringBack(
  deps: Pick<RecoveryDeps, 'drivers' | 'report'>,
  copies: readonly Copy[],
  { kind, store, at, signal, part, into, bytes, clear }: BringBack,
): Promise<BroughtBack> {
  const reasons: string[] = [];
  let silence: BerthError | undefined;
  const olderStates: { target: OpenTarget; atMs: number }[] = [];
  const bringFrom = async (target: OpenTarget, to: StoreMoment): Promise<RestoredStore> => {
    deps.report({ event: 'part.started', part, target: target.name, bytes });
    await clear();
    return deps.drivers[kind].restore({
      ...{ store, from: target.access, to, into },
      ...(signal && { signal }),
      onProgress: (fraction) => deps.report({ event: 'part.progress', part, fraction, bytes }),
    });
  };
  for (const { target } of copies) {
    try {
      return { outcome: 'recovered', target: target.name, restored: await bringFrom(target, at === null ? 'latest' : { at }) };
    } catch (cause) {
      signal?.throwIfAborted();
      const { code, message } = asBerthError(cause);
      deps.report({ event: 'part.failed', part, target: target.name, reason: message });
      reasons.push(message.includes(target.name) ? message : `${target.name}: ${message}`);
      if (SILENT.has(code)) silence ??= asBerthError(cause);
      const atMs = newestBeforeDamage(asBerthError(cause));
      if (at === null && atMs !== null) olderStates.push({ target, atMs });
    }
  }
  if (silence !== undefined) throw silence;
  // No target has the newest state whole: what there is before the damage is better than nothing, and is told as what it is.
  for (const { target, atMs } of olderStates.toSorted((a, b) => b.atMs - a.atMs)) {
    try {
      const restored = await bringFrom(target, { at: new Date(atMs) });
      const evidence = `${restored.evidence}; NOT the newest state, of which too much is missing or damaged: ${reasons.join('; ')}`;
      return { outcome: 'recovered', target: target.name, restored: { ...restored, evidence } };
    } catch (cause) {
      signal?.throwIfAborted();
      reasons.push(asBerthError(cause).message);
    }
  }
  return { outcome: 'failed', reasons };
}

/** Where a replica with a gap, or trees of which records are damaged, say what they still have; milliseconds since 1970. */
function newestBeforeDamage({ fields }: BerthError): number | null {
  const moment = fields['at'] ?? fields['newest'];
  const atMs = typeof moment === 'string' ? Date.parse(moment) : moment;
  return typeof atMs === 'number' && Number.isFinite(atMs) ? atMs : null;
}

/** What a target is said to be when it may have it, but does not give it now. */
const SILENT: ReadonlySet<string> = new Set([
  'TARGET_FAILED',
  'TARGET_DENIED',
  'TREE_TARGET_FAILED',
  'TREE_TARGET_HANGS',
  'TREE_LOCKED',
]);

export const isSilence = (cause: unknown): boolean => SILENT.has(asBerthError(cause).code);
