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
  const before = await presentPackages(exec);
  const install = (): ReturnType<Exec> =>
    exec([...APT_GET, 'install', '--yes', '--no-install-recommends', ...packages], { signal, timeoutMs: APT_TIMEOUT_MS });

  const ours = !existsSync(policy);
  if (ours) await writeFile(policy, renderPolicy(before), { mode: 0o755, flag: 'wx' });
  let output = '';
  let installed: readonly string[] = [];
  try {
    const first = await install();
    // On a fresh machine there are no package lists; on an old one they name versions that are no longer offered.
    if (first.exitCode !== 0) await execOk([...APT_GET, 'update'], { exec, signal, timeoutMs: APT_TIMEOUT_MS });
    const result = first.exitCode === 0 ? first : await execOkInstall(install, packages);
    output = result.stdout;
  } finally {
    // The policy goes last: as long as it is there, whoever comes next knows that this is still to be done.
    installed = await switchOffSince(before, { exec, log });
    if (ours) await rm(policy, { force: true });
  }
  return { installed, bytes: downloadedBytes(output) };
};

/** Whether somebody was killed while he installed packages, or is at it: `finishKilledInstall` has something to do. */
export const wasInstallKilled = (policy = POLICY): boolean =>
  existsSync(policy) && readFileSync(policy, 'utf8').startsWith(POLICY_HEAD);

/**
 * Whoever was killed while installing may have left our policy behind, which would keep every service from starting, and
 * services switched on that the packages have brought. Without that it does nothing.
 */
export const finishKilledInstall = async ({ exec, log, policy = POLICY }: Omit<InstallDeps, 'signal'>): Promise<void> => {
  if (!wasInstallKilled(policy)) return;
  // The apt that was started then may be at work still and ask it: this waits for the lock that apt holds.
  await exec([...APT_GET, 'check'], { timeoutMs: APT_TIMEOUT_MS });
  const before = presentBefore(readFileSync(policy, 'utf8'));
  if (before !== null) await switchOffSince(before, { exec, log });
  await rm(policy, { force: true });
};

/**
 * invoke-rc.d asks this program before it starts a service; 101 means "not allowed". It also says what was there before, for
 * whoever has to finish the work.
 */
const renderPolicy = (before: ReadonlySet<string>): string => `${POLICY_HEAD}exit 101\n${BEFORE}${[...before].join(' ')}\n`;

/** null when it was cut off, or is one of a release that did not say. */
const presentBefore = (text: string): ReadonlySet<string> | null => {
  const [, names] = text.match(new RegExp(`^${BEFORE}(.*)\n`, 'm')) ?? [];
  return names === undefined ? null : new Set(names.split(' '));
};

/** Those that are there now and were not before, whose services are off from then on. */
const switchOffSince = async (before: ReadonlySet<string>, deps: Pick<AptDeps, 'exec' | 'log'>): Promise<readonly string[]> => {
  const installed = [...(await presentPackages(deps.exec))].filter((name) => !before.has(name)).sort();
  for (const unit of await unitsOf(installed, deps.exec)) await switchOff(unit, deps);
  return installed;
};

/** From apt's own words: "Need to get 2,314 kB of archives", or "1,024 kB/2,314 kB" when a part was there. */
export const downloadedBytes = (output: string): number => {
  const [, amount = '0', unit = ''] = output.match(/Need to get ([\d.,]+) ?([kMG]?)B/) ?? [];
  const factor = { '': 1, k: 1e3, M: 1e6, G: 1e9 }[unit] ?? 1;
  return Math.round(Number(amount.replaceAll(',', '')) * factor);
};

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_HEAD = '#!/bin/sh\n# Written by Berth while it installs packages; it may be removed.\n';
const BEFORE = '# Packages that were there before: ';
const APT_TIMEOUT_MS = 10 * 60_000;

/** The rest of the environment is inherited: a proxy may be set there. Another apt (unattended upgrades) is waited for. */
export const APT_GET = ['env', 'DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C', 'apt-get', '-o', 'DPkg::Lock::Timeout=120'];

const execOkInstall = (install: () => ReturnType<Exec>, packages: readonly string[]): ReturnType<Exec> =>
  execOk([...APT_GET, 'install', ...packages], { exec: install });

/**
 * Those whose files are there, in whatever state: after an installation that was killed, packages of the system itself
 * wait for their triggers, and are not to be taken for what the next one has brought.
 */
const presentPackages = async (exec: Exec): Promise<ReadonlySet<string>> => {
  const { stdout } = await execOk(['dpkg-query', '--show', '--showformat', '${db:Status-Abbrev} ${Package}\\n'], { exec });
  const present = stdout.split('\n').filter((line) => /^.[^nc ]/.test(line));
  return new Set(present.map((line) => line.replace(/^\S+\s+/, '')));
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
