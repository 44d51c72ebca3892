import { backoffDelayMs, type Death, failuresInARow, isCrashLoop, type Service } from '@berth/core';
import type { InstanceRow } from '@berth/journal';
import type { InstanceStatus } from '@berth/runtime';

/** What this life of the daemon has seen of an instance. */
export type Watch = {
  status: InstanceStatus | null;
  /** `unknown` until the first answer; an instance found running counts as healthy until it is asked. */
  health: 'unknown' | 'healthy' | 'failing';
  failedChecks: number;
  /** Since when it is `failing`. */
  failingSinceMs: number | null;
  /** Last answer of its health check, or why it is not running. */
  reason: string | null;
  /** When this life of the daemon first saw it run, and first saw it healthy since; in milliseconds since the epoch. */
  runningSinceMs: number | null;
  healthySinceMs: number | null;
  nextCheckAtMs: number;
  /** Something done to it failed: not to be tried again before. */
  notBeforeMs: number;
  /** It has been healthy, or was found running by a new daemon: a new one gets no requests before. */
  isTrusted: boolean;
  /** It was told to start, and has been seen to exit: not to be counted twice. */
  isDeathRecorded: boolean;
  isLooping: boolean;
  /** A standby instance that died is not started again. */
  hasFailed: boolean;
  isDrained: boolean;
  /** Something is being done to it: start, stop, check. */
  isBusy: boolean;
};

export const newWatch = (): Watch => ({
  status: null,
  health: 'unknown',
  failedChecks: 0,
  failingSinceMs: null,
  reason: null,
  runningSinceMs: null,
  healthySinceMs: null,
  nextCheckAtMs: 0,
  notBeforeMs: 0,
  isTrusted: false,
  isDeathRecorded: false,
  isLooping: false,
  hasFailed: false,
  isDrained: false,
  isBusy: false,
});

export type Decision = 'start' | 'record-death' | 'check' | 'restart-hung' | 'leave' | 'park' | 'nothing';

export type Circumstances = {
  readonly nowMs: number;
  readonly health: Pick<Service['health'], 'fails' | 'everyMs' | 'startMs'>;
  /** Every service that it needs has a healthy instance. */
  readonly areNeedsMet: boolean;
};

/** What to do about an instance now. */
export function decide(row: InstanceRow, watch: Watch, { nowMs, health, areNeedsMet }: Circumstances): Decision {
  if (watch.isBusy || !watch.status || nowMs < watch.notBeforeMs) return 'nothing';
  if (row.want === 'leaving') return 'leave';
  // Also one that has exited: only when its record is gone can its end not be taken for a death.
  if (row.want === 'parked') return watch.status.state === 'absent' ? 'nothing' : 'park';
  switch (watch.status.state) {
    case 'running':
      if (row.want === 'serving' && isHung(watch, nowMs, health)) return 'restart-hung';
      return nowMs >= watch.nextCheckAtMs ? 'check' : 'nothing';
    case 'exited':
      if (!watch.isDeathRecorded) return 'record-death';
      return mayStart(row, watch, nowMs) && areNeedsMet ? 'start' : 'nothing';
    case 'absent':
      return mayStart(row, watch, nowMs) && areNeedsMet ? 'start' : 'nothing';
  }
}

/** It has been unhealthy for as long again as it took to call it so, and is not just starting. */
function isHung(watch: Watch, nowMs: number, { fails, everyMs, startMs }: Circumstances['health']): boolean {
  if (watch.failingSinceMs === null || nowMs - watch.failingSinceMs < fails * everyMs) return false;
  return watch.healthySinceMs !== null || watch.runningSinceMs === null || nowMs - watch.runningSinceMs >= startMs;
}

function mayStart(row: InstanceRow, watch: Watch, nowMs: number): boolean {
  if (watch.hasFailed || watch.isLooping) return false;
  const failures = failuresInARow(row.deaths);
  const last = failures.at(-1);
  return last === undefined || nowMs >= last.atMs + backoffDelayMs(failures.length);
}

const DEATHS_KEPT = 20;

/** After a death: those worth remembering, and whether it is no use to try again. */
export function recordDeath(row: InstanceRow, death: Death): { deaths: Death[]; isLooping: boolean } {
  const deaths = [...row.deaths, death].slice(-DEATHS_KEPT);
  return { deaths, isLooping: isCrashLoop(deaths) };
}

/** May requests be sent to it? HAProxy's own checks have the last word from then on. */
export const isReady = (row: InstanceRow, watch: Watch | undefined): boolean =>
  row.want === 'serving' && watch?.status?.state === 'running' && watch.health !== 'failing' && watch.isTrusted;
