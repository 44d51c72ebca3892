/** Makes the changes of one check, and takes them back. */
import { BerthError } from '@berth/core';
import { type Change, describeChange, handlerOf } from './change.ts';
import type { Check, Plan } from './check.ts';
import { stepFailed } from './errors.ts';
import type { HostAccess } from './host-access.ts';
import { type Entry, type Ledger, ledgerNames, openLedger } from './ledger.ts';
import { installedPackages } from './system-changes.ts';
import { removeBootUnit } from './trial.ts';

export type Step = { readonly check: string; readonly did: string };

/** Those of a plan that are not made yet. */
export const openChanges = async (host: HostAccess, plan: Plan): Promise<readonly Change[]> => {
  const open: Change[] = [];
  for (const change of plan.changes) if (!(await handlerOf(change).isMade(host, change))) open.push(change);
  return open;
};

type FixDeps = {
  readonly host: HostAccess;
  readonly ledger: Ledger;
  /** Told before the first change that could lock somebody out. */
  readonly onRisk: () => Promise<void>;
  readonly onStep: (step: Step) => void;
};

/** Idempotent; gives what it did. Throws HARDEN_STEP_FAILED, and what was made before then stays written down. */
export const applyPlan = async (
  check: Check,
  plan: Plan,
  { host, ledger, onRisk, onStep }: FixDeps,
): Promise<readonly string[]> => {
  const did: string[] = [];
  let risked = false;
  for (const change of plan.changes) {
    const handler = handlerOf(change);
    await inStep(check.id, describeChange(change), async () => {
      if (!(await handler.isMade(host, change))) {
        // Packages are brought before the clock of a trial starts: they take as long as the network wants.
        if (check.guarded && change.kind !== 'packages' && !risked) {
          await onRisk();
          risked = true;
        }
        await ledger.remember(change);
        await handler.make(host, change);
        did.push(describeChange(change));
        onStep({ check: check.id, did: describeChange(change) });
      }
      ledger.claim(change);
      await ledger.complete(change);
    });
  }
  if (ledger.unsettled) {
    if (check.guarded && !risked) await onRisk();
    await settle(host, ledger, plan.settle);
  }
  return did;
};

/** Everything back to what was there before the first fix. A check that changed nothing: a no-op. */
export const undoCheck = async (host: HostAccess, check: Pick<Check, 'id' | 'settleUndone'>): Promise<readonly string[]> => {
  const ledger = await openLedger(host, check.id);
  if (ledger.entries.length === 0 && !ledger.unsettled) return [];
  ledger.unsettled = true;
  await ledger.save();
  const others = await otherLedgers(host, check.id);
  const entries = ledger.entries.map((entry) => withoutNeeded(entry, others));
  const undone = await restore(host, check.id, entries);
  for (const entry of entries) await handOver(entry, { host, others });
  ledger.trial = null;
  await runAll(host, check.settleUndone);
  ledger.entries.length = 0;
  ledger.unsettled = false;
  await ledger.save();
  return undone;
};

/** Back to what was there when the trial began. */
export const revertTrial = async (host: HostAccess, check: Pick<Check, 'id' | 'settleUndone'>): Promise<boolean> => {
  const ledger = await openLedger(host, check.id);
  const { trial } = ledger;
  if (trial === null) {
    await removeBootUnit(host, check.id);
    return false;
  }
  ledger.unsettled = true;
  await ledger.save();
  await restore(host, check.id, trial.entries);
  await runAll(host, check.settleUndone);
  ledger.entries.splice(trial.firstEntry);
  if (ledger.entries.every(isMereClaim)) ledger.entries.length = 0;
  ledger.trial = null;
  ledger.unsettled = false;
  await ledger.save();
  await removeBootUnit(host, check.id);
  return true;
};

/** Packages that were there before, noted for other checks. */
const isMereClaim = ({ change, former }: Entry): boolean =>
  change.kind === 'packages' && Array.isArray(former.brought) && former.brought.length === 0;

const otherLedgers = async (host: HostAccess, check: string): Promise<readonly Ledger[]> =>
  Promise.all((await ledgerNames(host)).filter((name) => name !== check).map((name) => openLedger(host, name)));

const needs = (ledger: Ledger): readonly string[] =>
  ledger.entries.flatMap(({ change }) => (change.kind === 'packages' ? change.names : []));

/** Packages that the fix of another check works with stay, as long as that one does. */
const withoutNeeded = (entry: Entry, others: readonly Ledger[]): Entry =>
  entry.change.kind === 'packages' ? { ...entry, former: { ...entry.former, kept: others.flatMap(needs) } } : entry;

/** Whoever needs what stays takes it away in the end. */
const handOver = async (
  { change, former }: Entry,
  { host, others }: { host: HostAccess; others: readonly Ledger[] },
): Promise<void> => {
  if (change.kind !== 'packages' || !Array.isArray(former.brought)) return;
  const installed = await installedPackages(host);
  const left = former.brought.filter((name: string) => installed.has(name));
  const heir = others.find((ledger) => needs(ledger).some((name) => left.includes(name)));
  const claim = heir?.entries.find((entry) => entry.change.kind === 'packages');
  if (heir === undefined || claim === undefined) return;
  const had: readonly string[] = Array.isArray(claim.former.brought) ? claim.former.brought : [];
  claim.former = { ...claim.former, brought: [...new Set([...had, ...left])] };
  await heir.save();
};

const restore = async (host: HostAccess, check: string, entries: readonly Entry[]): Promise<readonly string[]> => {
  const undone: string[] = [];
  for (const { change, former } of entries.toReversed()) {
    await inStep(check, `taking back: ${describeChange(change)}`, () => handlerOf(change).restore(host, change, former));
    undone.push(describeChange(change));
  }
  return undone;
};

const settle = async (host: HostAccess, ledger: Ledger, commands: readonly (readonly string[])[]): Promise<void> => {
  for (const argv of commands) {
    const result = await host.run(argv);
    if (result.exitCode !== 0) throw stepFailed(ledger.check, { step: argv.join(' '), why: result.stderr || result.stdout });
  }
  ledger.unsettled = false;
  await ledger.save();
};

/** What a unit or a program was told about may have gone with the change: not being able to tell it is no failure then. */
const runAll = async (host: HostAccess, commands: readonly (readonly string[])[]): Promise<void> => {
  for (const argv of commands) await host.run(argv);
};

const inStep = async (check: string, step: string, act: () => Promise<void>): Promise<void> => {
  try {
    await act();
  } catch (cause) {
    if (cause instanceof BerthError && cause.code !== 'COMMAND_FAILED') throw cause;
    throw stepFailed(check, { step, why: cause instanceof Error ? cause.message : String(cause), cause });
  }
};
