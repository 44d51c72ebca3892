import type { Change } from './change.ts';
import type { HostAccess } from './host-access.ts';
import type { Settings } from './settings.ts';

export type Area = 'network' | 'ssh' | 'updates' | 'system' | 'files' | 'accounts';

/** What somebody who gets past it could do: take the machine, get closer to that, or little. */
export type Severity = 'high' | 'medium' | 'low';

/** `not-applicable`: this machine has no such thing, or cannot change it; the summary says why. */
export type State = 'ok' | 'wrong' | 'unknown' | 'not-applicable';

/** One thing that was read, where, and what it should be. */
export type Evidence = {
  readonly what: string;
  readonly where: string;
  readonly found: string;
  readonly expected: string;
  readonly state: State;
};

export type Finding = {
  readonly state: State;
  /** One line for people. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  /** What only the machine's owner can do about it; null when nothing is wrong, or the fix does it. */
  readonly manual: string | null;
};

/** What the checks work with. */
export type Context = {
  readonly host: HostAccess;
  readonly settings: Settings;
  /** Where Berth keeps its state. */
  readonly home: string;
  /** $SSH_CONNECTION of whoever hardens: client address, client port, server address, server port. Empty on a console. */
  readonly sshConnection: string;
  /** The container that this machine is ("docker", "systemd-nspawn"), or null. */
  readonly container: string | null;
};

export type Plan = {
  /** In their order; undone in the reverse order. Each is left out when it is so already. */
  readonly changes: readonly Change[];
  /** Commands that make the changes act. They can be repeated. */
  readonly settle: readonly (readonly string[])[];
};

export type Check = {
  readonly id: string;
  /** A sentence that says how it should be. */
  readonly title: string;
  readonly area: Area;
  readonly severity: Severity;
  /** What the fix does, for docs/hardening.md and for people. */
  readonly fix: string;
  /** A mistake here locks everybody out: it is reverted unless confirmed over a new connection. */
  readonly guarded: boolean;
  /** Commands that make it act again after changes were taken back, as far as what they speak to is there then. */
  readonly settleUndone: readonly (readonly string[])[];
  inspect(context: Context): Promise<Finding>;
  /** null when there is nothing that a program should do about it. Throws what has to be put right first. */
  plan(context: Context): Promise<Plan | null>;
};

/** The whole from its parts: the worst of them, in one line. `good` is said when all is well. */
export const judge = (evidence: readonly Evidence[], good: string, manual: string | null = null): Finding => {
  const of = (state: State): readonly Evidence[] => evidence.filter((item) => item.state === state);
  const wrong = of('wrong');
  if (wrong.length > 0)
    return { state: 'wrong', summary: listed(wrong.map(({ what, found }) => `${what}: ${found}`)), evidence, manual };
  const unknown = of('unknown');
  if (unknown.length > 0)
    return { state: 'unknown', summary: listed(unknown.map(({ what, found }) => `${what}: ${found}`)), evidence, manual: null };
  const applicable = evidence.length === 0 || of('ok').length > 0;
  const summary = applicable ? good : listed(evidence.map(({ what, found }) => `${what}: ${found}`));
  return { state: applicable ? 'ok' : 'not-applicable', summary, evidence, manual: null };
};

export const notApplicable = (why: string): Finding => ({
  state: 'not-applicable',
  summary: why,
  evidence: [],
  manual: null,
});

/** How many of many are named in a line. */
const LISTED = 3;

const listed = (items: readonly string[]): string =>
  [...items.slice(0, LISTED), ...(items.length > LISTED ? [`${items.length - LISTED} more`] : [])].join('; ');
