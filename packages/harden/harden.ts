/** The whole: every check looked at, put right, taken back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { asBerthError, BerthError, type ErrorBody } from '@berth/core';
import type { Logger } from '@berth/host';
import type { Check, Context, Finding } from './check.ts';
import { CHECKS } from './checks/list.ts';
import { describeChange } from './change.ts';
import { checkUnknown, notRoot, nothingToConfirm, sameConnection, selfCheckFailed, unsupportedSystem } from './errors.ts';
import { applyPlan, openChanges, revertTrial, type Step, undoCheck } from './fix.ts';
import { createHostAccess, type HostAccess } from './host-access.ts';
import { type Ledger, ledgerNames, openLedger } from './ledger.ts';
import { readSettings } from './settings.ts';
import { listeningSshPorts, sshPorts } from './checks/ssh-ports.ts';
import { beginTrial, endTrial, openTrials } from './trial.ts';

export type HardenOptions = {
  /** Where Berth keeps its state. */
  readonly home: string;
  readonly uid: number;
  readonly log: Logger;
  /** $SSH_CONNECTION; empty on a console. */
  readonly sshConnection: string;
  /** Ids of checks; all without it. Throws HARDEN_CHECK_NOT_FOUND for others. */
  readonly only?: readonly string[];
  readonly host?: HostAccess;
};

export type CheckReport = {
  readonly id: string;
  readonly title: string;
  readonly area: Check['area'];
  readonly severity: Check['severity'];
  /** What the fix would do, as a sentence. */
  readonly fix: string;
  readonly finding: Finding;
  /** Whether Berth has changed something for it that can be undone. */
  readonly changed: boolean;
};

export type AuditReport = {
  readonly ok: boolean;
  readonly checks: readonly CheckReport[];
  readonly awaiting: readonly Awaiting[];
};

export type Awaiting = { readonly check: string; readonly until: string };

export type HardenResult = CheckReport & {
  /** The steps that were taken, or with a dry run would be. */
  readonly steps: readonly string[];
  readonly error: ErrorBody | null;
};

export type HardenReport = {
  /** Nothing is wrong any more that could be put right, and no change failed. */
  readonly ok: boolean;
  readonly dryRun: boolean;
  readonly checks: readonly HardenResult[];
  /** Changes that are taken back at `until` unless `confirmHardening` is called over a new connection. */
  readonly awaiting: readonly Awaiting[];
};

/** Reads everything and changes nothing. Throws HARDEN_NEEDS_ROOT, HARDEN_SYSTEM_UNSUPPORTED, HARDEN_SETTINGS_INVALID. */
export const auditHost = async (options: HardenOptions): Promise<AuditReport> => {
  const context = await openContext(options, 'berth audit');
  const checks: CheckReport[] = [];
  for (const check of chosen(options.only)) checks.push(await reportOf(check, context));
  const ok = checks.every(({ finding }) => finding.state !== 'wrong');
  return { ok, checks, awaiting: await awaitingOn(context.host) };
};

export type HardenRun = HardenOptions & {
  readonly dryRun?: boolean;
  /**
   * `self`: a change of firewall or sshd stands once sshd has answered a new connection of the machine to itself.
   * `later`: it is taken back after TRIAL_SECONDS unless `confirmHardening` is called.
   */
  readonly confirm: 'self' | 'later';
  readonly onStep?: (step: Step) => void;
  readonly onCheck?: (check: Pick<Check, 'id' | 'title'>) => void;
  readonly now?: () => Date;
  /** How long sshd may take to answer after a change: its port is closed while it reads its configuration again. 5 s unless told. */
  readonly sshPatienceMs?: number;
};

/** Puts right what is wrong. A check that fails does not keep the others from being made. Throws as `auditHost`, and HARDEN_BUSY. */
export const hardenHost = async (options: HardenRun): Promise<HardenReport> => {
  const context = await openContext(options, 'berth harden');
  using _lock = options.dryRun === true ? null : context.host.lock();
  if (options.dryRun !== true) await context.host.removeLeftovers();
  const checks: HardenResult[] = [];
  for (const check of chosen(options.only)) {
    options.onCheck?.(check);
    let steps: readonly string[] = [];
    let error: BerthError | null = null;
    try {
      steps = await (options.dryRun === true ? plannedSteps(check, context) : harden(check, context, options));
    } catch (thrown) {
      error = asBerthError(thrown);
    }
    checks.push({ ...(await reportOf(check, context)), steps, error: error?.toJSON() ?? null });
  }
  const stays = ({ finding, error, steps }: HardenResult): boolean =>
    error !== null || (options.dryRun !== true && finding.state === 'wrong' && (finding.manual === null || steps.length > 0));
  return {
    ok: !checks.some(stays),
    dryRun: options.dryRun === true,
    checks,
    awaiting: await awaitingOn(context.host),
  };
};

/**
 * The second half of `confirm: 'later'`, over a new connection. Throws HARDEN_NOTHING_TO_CONFIRM, HARDEN_SAME_CONNECTION.
 */
export const confirmHardening = async (options: HardenOptions): Promise<readonly string[]> => {
  const { host } = await openContext(options, 'berth harden confirm');
  using _lock = host.lock();
  const trials = await openTrials(host, CHECKS);
  if (trials.length === 0) throw nothingToConfirm();
  const made = trials.map(({ trial }) => trial?.sshConnection ?? '');
  if (options.sshConnection !== '' && made.includes(options.sshConnection)) throw sameConnection();
  for (const ledger of trials) await endTrial(host, ledger);
  return trials.map(({ check }) => check);
};

export type UndoResult = { readonly check: string; readonly undone: readonly string[] };

/** Back to what was there before the first `hardenHost`, in the reverse order. */
export const undoHardening = async (options: HardenOptions): Promise<readonly UndoResult[]> => {
  const { host } = await openContext(options, 'berth harden undo');
  using _lock = host.lock();
  await host.removeLeftovers();
  const changed = await ledgerNames(host);
  const results: UndoResult[] = [];
  for (const check of chosen(options.only).toReversed()) {
    if (!changed.includes(check.id)) continue;
    const ledger = await openLedger(host, check.id);
    if (ledger.trial !== null) await endTrial(host, ledger);
    results.push({ check: check.id, undone: await undoCheck(host, check) });
  }
  return results;
};

/** What the dead man's timer calls. False when there was nothing to take back any more. */
export const revertUnconfirmed = async (id: string, options: { log: Logger; host?: HostAccess }): Promise<boolean> => {
  const [check] = chosen([id]);
  if (check === undefined) return false;
  // A run that is at work may be about to confirm; one that hangs must not keep it from being taken back.
  const host = options.host ?? createHostAccess({ log: options.log });
  using _lock = await lockWithin(host, REVERT_WAITS_MS);
  return await revertTrial(host, check);
};

const REVERT_WAITS_MS = 10_000;

const lockWithin = async (host: HostAccess, patienceMs: number): Promise<Disposable | null> => {
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await sleep(100)) {
    try {
      return host.lock();
    } catch (error) {
      if (!(error instanceof BerthError) || error.code !== 'HARDEN_BUSY') throw error;
    }
  }
  return null;
};

/** Where the program is that the timer starts. */
const REVERT = [process.execPath, new URL('command.ts', import.meta.url).pathname, 'revert'];

const harden = async (check: Check, context: Context, options: HardenRun): Promise<readonly string[]> => {
  const { host } = context;
  const before = await check.inspect(context);
  const ledger = await openLedger(host, check.id);
  const isFine = before.state === 'ok' || before.state === 'not-applicable';
  // A run that was killed may have left something that is right already and does not act.
  if (isFine && !ledger.unsettled) {
    if (ledger.trial !== null) await prove(check, { context, ledger, options });
    return [];
  }
  const plan = await check.plan(context);
  if (plan === null) return [];
  // What is in place may still not act: somebody may have taken the rules out of the kernel.
  ledger.unsettled = true;
  const trial = { sshConnection: context.sshConnection, revert: REVERT, now: (options.now ?? (() => new Date()))() };
  const onRisk = (): Promise<void> => beginTrial(host, ledger, trial);
  const onStep = options.onStep ?? (() => undefined);
  try {
    const steps = await applyPlan(check, plan, { host, ledger, onRisk, onStep });
    if (check.guarded && ledger.trial !== null) await prove(check, { context, ledger, options });
    return steps;
  } catch (error) {
    if (check.guarded && ledger.trial !== null) await giveUp(check, { host, ledger });
    throw error;
  }
};

const prove = async (
  check: Check,
  { context, ledger, options }: { context: Context; ledger: Ledger; options: HardenRun },
): Promise<void> => {
  const { host } = context;
  // Where nobody listens any more, it was sshd that has gone: then those that it is told of are asked.
  const listening = await listeningSshPorts(context);
  for (const port of listening.length > 0 ? listening : await sshPorts(context)) {
    const greeting = await greetingWithin(host, port, options.sshPatienceMs ?? SSH_PATIENCE_MS);
    if (!isGreeting(greeting)) throw selfCheckFailed(check.id, `port ${port}: ${greeting}`);
  }
  if (options.confirm === 'self') await endTrial(host, ledger);
};

const SSH_PATIENCE_MS = 5_000;
const isGreeting = (text: string): boolean => text.startsWith('SSH-');

/** What it said last, or why it said nothing. */
const greetingWithin = async (host: HostAccess, port: number, patienceMs: number): Promise<string> => {
  for (const deadline = performance.now() + patienceMs; ; await sleep(200)) {
    const greeting = await host.greeting(port).catch((error: Error) => error.message);
    if (isGreeting(greeting) || performance.now() >= deadline) return greeting;
  }
};

/** The timer is stopped last: if taking it back fails, it tries again. */
const giveUp = async (check: Check, { host, ledger }: { host: HostAccess; ledger: Ledger }): Promise<void> => {
  await revertTrial(host, check);
  await endTrial(host, await openLedger(host, ledger.check));
};

const plannedSteps = async (check: Check, context: Context): Promise<readonly string[]> => {
  const { state } = await check.inspect(context);
  if (state === 'ok' || state === 'not-applicable') return [];
  const plan = await check.plan(context);
  return plan === null ? [] : (await openChanges(context.host, plan)).map(describeChange);
};

const reportOf = async (check: Check, context: Context): Promise<CheckReport> => {
  const { id, title, area, severity, fix } = check;
  const ledger = await openLedger(context.host, id);
  return {
    id,
    title,
    area,
    severity,
    fix,
    finding: await inspectSafely(check, context),
    changed: ledger.entries.length > 0 || ledger.unsettled,
  };
};

/** What cannot be read is not known; it is neither right nor wrong. */
const inspectSafely = async (check: Check, context: Context): Promise<Finding> => {
  try {
    return await check.inspect(context);
  } catch (error) {
    return { state: 'unknown', summary: asBerthError(error).message, evidence: [], manual: null };
  }
};

const chosen = (only: readonly string[] | undefined): readonly Check[] => {
  if (only === undefined || only.length === 0) return CHECKS;
  const known = CHECKS.map(({ id }) => id);
  for (const id of only) if (!known.includes(id)) throw checkUnknown(id, known);
  return CHECKS.filter(({ id }) => only.includes(id));
};

const awaitingOn = async (host: HostAccess): Promise<readonly Awaiting[]> =>
  (await openTrials(host, CHECKS)).flatMap(({ check, trial }) => (trial === null ? [] : [{ check, until: trial.until }]));

const openContext = async (options: HardenOptions, command: string): Promise<Context> => {
  if (options.uid !== 0) throw notRoot(command);
  const host = options.host ?? createHostAccess({ log: options.log });
  const release = ((await host.read('/etc/os-release')) ?? '').toString();
  const name = /^PRETTY_NAME="?(.*?)"?$/m.exec(release)?.[1] ?? 'this system';
  const isDebian = /^(?:ID|ID_LIKE)=.*\b(?:debian|ubuntu)\b/m.test(release);
  if (!isDebian || (await host.stat('/run/systemd/system')) === null) throw unsupportedSystem(name);
  const virtual = (await host.run(['systemd-detect-virt', '--container'])).stdout.trim();
  const container = virtual === 'none' || virtual === '' ? null : virtual;
  const { home, sshConnection } = options;
  return { host, settings: await readSettings(host), home, sshConnection, container };
};
