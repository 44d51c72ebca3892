import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { type Exec, execOk } from './exec.ts';
import type { Logger } from './log.ts';
import type { Brought } from './tools.ts';

export type AptDeps = { readonly exec: Exec; readonly log: Logger; readonly signal: AbortSignal | undefined };

export type InstallDeps = AptDeps & {
  /** The program that says whether services may be started. */
  readonly policy?: string;
};

/**
 * Installs packages as root. The services that they bring are neither started nor enabled: Berth runs programs of its
 * own with configuration of its own, and the ports stay free.
 */
export const installWithApt = async (
  packages: readonly string[],
  { exec, log, signal, policy = POLICY }: InstallDeps,
): Promise<Brought> => {
  const before = await installedPackages(exec);
  const install = (): ReturnType<Exec> =>
    exec([...APT_GET, 'install', '--yes', '--no-install-recommends', ...packages], { signal, timeoutMs: APT_TIMEOUT_MS });

  let output = '';
  await withoutStartingServices(async () => {
    const first = await install();
    // On a fresh machine there are no package lists; on an old one they name versions that are no longer offered.
    if (first.exitCode !== 0) await execOk([...APT_GET, 'update'], { exec, signal, timeoutMs: APT_TIMEOUT_MS });
    const result = first.exitCode === 0 ? first : await execOkInstall(install, packages);
    output = result.stdout;
  }, policy);

  const installed = [...(await installedPackages(exec))].filter((name) => !before.has(name)).sort();
  for (const unit of await unitsOf(installed, exec)) await switchOff(unit, { exec, log });
  return { installed, bytes: downloadedBytes(output) };
};

/** A start that was killed while installing may have left our policy behind, which would keep every service from starting. */
export const removeOwnPolicy = async (policy = POLICY): Promise<void> => {
  if (existsSync(policy) && readFileSync(policy, 'utf8') === POLICY_TEXT) await rm(policy);
};

/** invoke-rc.d asks this program before it starts a service; 101 means "not allowed". Somebody else's is left as it is. */
export const withoutStartingServices = async (work: () => Promise<void>, policy = POLICY): Promise<void> => {
  const ours = !existsSync(policy);
  if (ours) await writeFile(policy, POLICY_TEXT, { mode: 0o755, flag: 'wx' });
  try {
    await work();
  } finally {
    if (ours) await rm(policy, { force: true });
  }
};

/** From apt's own words: "Need to get 2,314 kB of archives", or "1,024 kB/2,314 kB" when a part was there. */
export const downloadedBytes = (output: string): number => {
  const [, amount = '0', unit = ''] = output.match(/Need to get ([\d.,]+) ?([kMG]?)B/) ?? [];
  const factor = { '': 1, k: 1e3, M: 1e6, G: 1e9 }[unit] ?? 1;
  return Math.round(Number(amount.replaceAll(',', '')) * factor);
};

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_TEXT = '#!/bin/sh\n# Written by Berth while it installs packages; it may be removed.\nexit 101\n';
const APT_TIMEOUT_MS = 10 * 60_000;

/** The rest of the environment is inherited: a proxy may be set there. Another apt (unattended upgrades) is waited for. */
export const APT_GET = ['env', 'DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C', 'apt-get', '-o', 'DPkg::Lock::Timeout=120'];

const execOkInstall = (install: () => ReturnType<Exec>, packages: readonly string[]): ReturnType<Exec> =>
  execOk([...APT_GET, 'install', ...packages], { exec: install });

const installedPackages = async (exec: Exec): Promise<ReadonlySet<string>> => {
  const { stdout } = await execOk(['dpkg-query', '--show', '--showformat', '${db:Status-Abbrev} ${Package}\\n'], { exec });
  const installed = stdout.split('\n').filter((line) => line.startsWith('ii'));
  return new Set(installed.map((line) => line.replace(/^\S+\s+/, '')));
};

/** The service units that these packages have brought. */
const unitsOf = async (packages: readonly string[], exec: Exec): Promise<readonly string[]> => {
  if (packages.length === 0) return [];
  const { stdout } = await execOk(['dpkg-query', '--listfiles', ...packages], { exec });
  const units = [...stdout.matchAll(/\/lib\/systemd\/system\/([^/@\n]+\.service)$/gm)].map(([, unit = '']) => unit);
  return [...new Set(units)];
};

const switchOff = async (unit: string, { exec, log }: { exec: Exec; log: Logger }): Promise<void> => {
  if (!existsSync('/usr/bin/systemctl') && !existsSync('/bin/systemctl')) return;
  const now = existsSync('/run/systemd/system') ? ['--now'] : [];
  const disabled = await exec(['systemctl', 'disable', ...now, unit]);
  if (disabled.exitCode === 0) return;
  const masked = await exec(['systemctl', 'mask', ...now, unit]);
  if (masked.exitCode !== 0) log.warn('tools.service-not-disabled', { unit, disable: disabled.stderr, mask: masked.stderr });
};
