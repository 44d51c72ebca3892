import { asBerthError } from '@berth/core';
import type { TargetRow } from '@berth/journal';
import { LOCAL_TARGET } from '@berth/protocol';
import type { Installation } from '@berth/vault';
import type { KeySealer, KitTarget, OpenTarget, RecoveryDeps } from './deps.ts';
import { noTargetAnswers } from './errors.ts';

export type Silent = { readonly target: string; readonly reason: string };

export const say = (silent: readonly Silent[]): string => silent.map(({ target, reason }) => `${target}: ${reason}`).join('; ');

export type FoundTargets = { readonly open: readonly OpenTarget[]; readonly silent: readonly Silent[] };

/** An owner that was there this recently is taken to be alive: it says so more often than that. */
export const ALIVE_WITHIN_MS = 600_000;

/** Opens what answers. Throws RECOVERY_NO_TARGET where nothing does. */
export async function openKitTargets(deps: RecoveryDeps): Promise<FoundTargets> {
  // The target in the home went with the machine.
  const found = await openAll(
    deps,
    deps.kit.targets.filter(({ name }) => name !== LOCAL_TARGET),
  );
  if (found.open.length === 0) throw noTargetAnswers(found.silent);
  return found;
}

/** Targets that were added after the kit was written are known from the journal alone. */
export async function openOtherTargets(
  deps: RecoveryDeps,
  known: FoundTargets,
  { rows, sealer }: { rows: readonly TargetRow[]; sealer: KeySealer },
): Promise<FoundTargets> {
  const names = new Set(known.open.map(({ name }) => name));
  const others = rows.filter((row) => row.name !== LOCAL_TARGET && !names.has(row.name));
  const targets = await Promise.all(others.map((row) => toKitTarget(row, sealer)));
  const found = await openAll(deps, targets);
  const opened = new Set(found.open.map(({ name }) => name));
  const stillSilent = known.silent.filter(({ target }) => !opened.has(target) && !others.some((row) => row.name === target));
  return { open: [...known.open, ...found.open], silent: [...stillSilent, ...found.silent] };
}

/** Throws VAULT_OWNED where a machine other than this one, or its own former attempt, was at work a moment ago. */
export async function checkOwners(
  targets: readonly OpenTarget[],
  { own, now, signal }: { own: Installation; now: Date; signal?: AbortSignal | undefined },
): Promise<void> {
  for (const { vault } of targets) {
    const owner = await vault.owner(signal);
    if (owner === null || owner.id === own.id || !isAlive(owner, now)) continue;
    // Refused with all that is to be said, since it is somebody else's.
    await vault.claim(own, { now: now.getTime(), takeOver: false, ...(signal && { signal }) });
  }
}

export const isAlive = ({ seenAt }: { readonly seenAt: number }, now: Date): boolean => now.getTime() - seenAt < ALIVE_WITHIN_MS;

/** From here on nobody else may write there. Idempotent. */
export async function claimAll(
  deps: RecoveryDeps,
  targets: readonly OpenTarget[],
  installation: Installation,
  signal?: AbortSignal,
): Promise<void> {
  for (const { name, vault } of targets) {
    // Whoever cannot be read any more was consented to before.
    const before = await vault.owner(signal).catch(() => null);
    if (before?.id === installation.id) continue;
    await vault.claim(installation, { now: deps.now().getTime(), takeOver: true, ...(signal && { signal }) });
    deps.report({ event: 'claimed', target: name, from: before?.host ?? null });
  }
}

async function openAll(deps: RecoveryDeps, targets: readonly KitTarget[]): Promise<FoundTargets> {
  const open: OpenTarget[] = [];
  const silent: Silent[] = [];
  const tried = targets.map(async (target): Promise<OpenTarget | Silent> => {
    try {
      const vault = await deps.openVault(target);
      return { name: target.name, access: { ...target, dataKey: vault.dataKey }, vault };
    } catch (cause) {
      return { target: target.name, reason: asBerthError(cause).message };
    }
  });
  for (const result of await Promise.all(tried)) {
    if ('vault' in result) {
      open.push(result);
      deps.report({ event: 'target.open', target: result.name, url: result.access.url });
    } else {
      silent.push(result);
      deps.report({ event: 'target.silent', ...result });
    }
  }
  return { open, silent };
}

async function toKitTarget({ name, url, credentials }: TargetRow, sealer: KeySealer): Promise<KitTarget> {
  if (credentials === null) return { name, url };
  return { name, url, credentials: JSON.parse(await sealer.open(`credentials of ${name}`, credentials)) };
}
