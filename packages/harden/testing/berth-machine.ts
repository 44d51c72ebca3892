/** A machine of the test with the command of this repository, and what can be compared of it before and after. */
import { bootMachine, type CommandResult, type Machine, type MachineExecOptions } from '@berth/testing';
import type { AuditReport, CheckReport, HardenReport } from '../harden.ts';

export type BerthMachine = AsyncDisposable & {
  readonly machine: Machine;
  /** The command, as root inside; resolves however it ended. */
  berth(words: readonly string[], options?: MachineExecOptions): Promise<CommandResult>;
  audit(...only: readonly string[]): Promise<AuditReport>;
  finding(id: string): Promise<CheckReport['finding']>;
  /** `berth harden --yes`; rejects when it was not ok. */
  harden(only: readonly string[], options?: MachineExecOptions): Promise<HardenReport>;
  undo(...only: readonly string[]): Promise<void>;
  /** Everything that hardening touches, as lines. */
  state(): Promise<string>;
  sh(script: string): Promise<string>;
};

export const NODE = '/opt/berth-source/node_modules/.bin/node';
export const BERTH = [NODE, '/opt/berth-source/programs/cli/main.ts'] as const;

export const bootBerthMachine = async (): Promise<BerthMachine> => {
  const machine = await bootMachine({ suite: 'bookworm', source: true });
  // What a first look leaves: the lists of apt, which every installation fetches.
  await machine.execOk(['apt-get', '-qq', 'update'], { timeoutMs: 120_000 });
  const berth: BerthMachine['berth'] = (words, options = {}) =>
    machine.exec([...BERTH, ...words], { timeoutMs: 300_000, ...options });
  const json = async <T>(words: readonly string[], options?: MachineExecOptions): Promise<T> => {
    const { stdout, stderr } = await berth([...words, '--json'], options);
    try {
      return JSON.parse(stdout) as T;
    } catch {
      throw new Error(`berth ${words.join(' ')} said: ${stdout}${stderr}`);
    }
  };
  const only = (ids: readonly string[]): readonly string[] => (ids.length === 0 ? [] : ['--only', ...ids]);
  const audit: BerthMachine['audit'] = (...ids) => json<AuditReport>(['audit', ...only(ids)]);
  return {
    machine,
    berth,
    audit,
    finding: async (id) => {
      const { checks } = await audit(id);
      if (checks[0] === undefined) throw new Error(`no finding of ${id}`);
      return checks[0].finding;
    },
    harden: async (ids, options) => {
      const report = await json<HardenReport>(['harden', '--yes', ...only(ids)], options);
      const errors = report.checks?.flatMap(({ error }) => (error === null ? [] : [error.message])) ?? [JSON.stringify(report)];
      if (errors.length > 0) throw new Error(errors.join('; '));
      return report;
    },
    undo: async (...ids) => {
      const { exitCode, stderr } = await berth(['harden', 'undo', ...ids, '--yes']);
      if (exitCode !== 0) throw new Error(stderr);
    },
    state: async () => (await machine.execOk(['sh', '-c', STATE], { timeoutMs: 120_000 })).stdout,
    sh: async (script) => (await machine.execOk(['sh', '-c', script])).stdout,
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
};

/** Lines that only one of both has. */
export const difference = (before: string, after: string): readonly string[] => {
  const had = new Set(before.split('\n'));
  const has = new Set(after.split('\n'));
  return [
    ...[...had].filter((line) => !has.has(line)).map((line) => `- ${line}`),
    ...[...has].filter((line) => !had.has(line)).map((line) => `+ ${line}`),
  ];
};

/** Names, modes, owners and contents below /etc; packages, units, values of the kernel, sshd's own words, rules, accounts. */
const STATE = `
exec 2>/dev/null
cd /etc
find . -not -path './ssl*' -not -name ld.so.cache -not -name '.pwd.lock' -not -name '*-' | sort | xargs stat -c '%n %f %u %g'
find . -type f -not -path './ssl*' -not -name ld.so.cache -not -name '*-' | sort | xargs sha256sum
find /var/lib/berth | sort | xargs -r stat -c '%n %f %u %g'
ls / /usr/sbin /usr/bin /var/lib
dpkg-query --show --showformat '\${db:Status-Abbrev} \${Package}\\n' | sort
sysctl --all | grep -vE 'random|stat|ns_last_pid|pty.nr|dentry|inode|file-nr|nf_conntrack|last_pid|sched|quota|neigh'
systemctl list-unit-files --no-legend | awk '{ print $1, $2 }' | sort
systemctl list-units --no-legend --plain --state=active --type=service,timer | awk '{ print $1 }' | grep -v '^run-' | sort
mkdir -p /run/sshd
/usr/sbin/sshd -T
command -v nft && nft list ruleset
command -v ufw && ufw status verbose
true
`;
