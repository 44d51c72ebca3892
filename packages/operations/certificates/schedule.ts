import { createHash } from 'node:crypto';
import type { ErrorBody } from '@berth/protocol';

/** What is remembered of a certificate that Berth fetches: kept, so that a daemon that dies again and again asks no more often. */
export type Attempts = {
  /** Of those that reached the authority, within the last hour: when they began. */
  readonly triedAt: readonly string[];
  /** Failures in a row. */
  readonly failures: number;
  readonly notBefore: string | null;
  readonly failure: (ErrorBody & { at: string }) | null;
  /** The directory that the present one is of. */
  readonly issuedBy: string | null;
  /** What the authority said about the renewal of the present one. */
  readonly window: { suggested: { start: string; end: string } | null; askAgainAt: string; fingerprint: string } | null;
  /** Of the warnings before the end of a certificate: the last that was given. */
  readonly warned: { readonly days: number; readonly fingerprint: string } | null;
  /** When it was first seen that no app has a host for it any more; null while one has. */
  readonly unusedSince: string | null;
};

export const noAttempts: Attempts = {
  triedAt: [],
  failures: 0,
  notBefore: null,
  failure: null,
  issuedBy: null,
  window: null,
  warned: null,
  unusedSince: null,
};

/** The present certificate, as far as its renewal depends on it. */
export type Present = {
  readonly names: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
  readonly fingerprint: string;
};

/** When to ask the authority: at once for what there is none of, else when renewal is due, and never before a failure allows it. */
export function dueAt(what: {
  wanted: { names: readonly string[] };
  present: Present | null;
  attempts: Attempts;
  /** The directory that is set now. */
  directory: string;
}): number {
  const { wanted, present, attempts, directory } = what;
  const isOther =
    present === null ||
    !wanted.names.every((name) => present.names.includes(name)) ||
    (attempts.issuedBy !== null && attempts.issuedBy !== directory);
  const renewal = isOther ? 0 : renewalAt(present, attempts.window);
  return Math.max(renewal, timeOf(attempts.notBefore));
}

/**
 * Within the window that the authority suggests, else at two thirds of the life. Where in it depends on the certificate
 * alone: machines that were set up together do not renew together, and a restart changes nothing. A window that is over
 * is not followed right after issuing: an authority that says so of each certificate would be asked without end.
 */
export function renewalAt(present: Present, window: Attempts['window']): number {
  const chance = createHash('sha256').update(present.fingerprint).digest().readUInt32BE(0) / 2 ** 32;
  const from = timeOf(present.notBefore);
  const life = timeOf(present.notAfter) - from;
  const suggested = window?.fingerprint === present.fingerprint ? window.suggested : null;
  if (suggested !== null) {
    const at = timeOf(suggested.start) + chance * (timeOf(suggested.end) - timeOf(suggested.start));
    return Math.max(at, from + Math.min(SETTLED_MS, life / 3));
  }
  return from + life * (2 / 3 - JITTER * chance);
}

/** At most this part of the life earlier. */
const JITTER = 0.05;

/** Written before the authority is asked: whatever ends us then counts as a failure. */
export const beginTry = (attempts: Attempts, nowMs: number): Attempts => ({
  ...attempts,
  triedAt: [...recentTries(attempts, nowMs), iso(nowMs)],
  failures: attempts.failures + 1,
  notBefore: iso(nowMs + waitAfter(attempts.failures + 1)),
});

/** The daemon was told to end meanwhile: nobody failed, and what the authority counts is still counted. */
export const abandonTry = (begun: Attempts, before: Attempts): Attempts => ({
  ...begun,
  failures: before.failures,
  notBefore: before.notBefore,
});

/**
 * `counted`: the authority was asked. It takes five failures per name and hour (Let's Encrypt's limit); what was found out
 * before asking costs nothing, and is looked at more often, since somebody is probably mending it.
 */
export function endInFailure(
  attempts: Attempts,
  error: ErrorBody,
  { nowMs, counted }: { nowMs: number; counted: boolean },
): Attempts {
  const failures = counted ? attempts.failures : attempts.failures + 1;
  const wait = counted ? waitAfter(failures) : Math.min(failures * PREFLIGHT_MS, PREFLIGHT_LONGEST_MS);
  const told = typeof error.fields?.retryAt === 'string' ? timeOf(error.fields.retryAt) : 0;
  const { code, message, hint } = error;
  return {
    ...attempts,
    failures,
    failure: { code, message, hint, at: iso(nowMs) },
    notBefore: iso(Math.max(nowMs + wait, told)),
  };
}

export const endInSuccess = (attempts: Attempts, directory: string): Attempts => ({
  ...noAttempts,
  triedAt: attempts.triedAt,
  issuedBy: directory,
});

/** The moment from which the authority's limits allow a try that somebody asks for; the waits between our own do not matter then. */
export function allowedAt(attempts: Attempts, nowMs: number): number {
  const tries = recentTries(attempts, nowMs);
  const limited = attempts.failure?.code === 'ACME_RATE_LIMITED' ? timeOf(attempts.notBefore) : 0;
  const oldest = tries.at(-TRIES_PER_HOUR);
  return Math.max(limited, oldest === undefined ? 0 : timeOf(oldest) + HOUR_MS);
}

/** The threshold in days that a certificate with this end has come to and that was not told of yet; null: nothing to say. */
export function warningDue(notAfter: string, warned: number | null, nowMs: number): number | null {
  const days = (timeOf(notAfter) - nowMs) / DAY_MS;
  const reached = WARNINGS_DAYS.findLast((threshold) => days <= threshold);
  return reached === undefined || (warned !== null && warned <= reached) ? null : reached;
}

const WARNINGS_DAYS = [14, 7, 3, 1];
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Half of the day within which authorities revoke what was issued wrongly (Baseline Requirements 4.9.1.1). */
const SETTLED_MS = 12 * HOUR_MS;
const TRIES_PER_HOUR = 5;
const PREFLIGHT_MS = MINUTE_MS;
const PREFLIGHT_LONGEST_MS = 10 * MINUTE_MS;
/** Four tries in the first hour, then ever fewer. */
const WAITS_MS = [2, 10, 45, 120, 240].map((minutes) => minutes * MINUTE_MS);
const LONGEST_WAIT_MS = 6 * HOUR_MS;

const waitAfter = (failures: number): number => WAITS_MS[failures - 1] ?? LONGEST_WAIT_MS;

const recentTries = ({ triedAt }: Attempts, nowMs: number): readonly string[] =>
  triedAt.filter((at) => timeOf(at) > nowMs - HOUR_MS);

const timeOf = (text: string | null): number => (text === null ? 0 : Date.parse(text));
const iso = (ms: number): string => new Date(ms).toISOString();
