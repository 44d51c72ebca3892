import type { Change } from '../change.ts';
import { type Check, type Evidence, judge } from '../check.ts';
import { readSysctl, sysctlPath } from '../file-changes.ts';

const LIMITS_FILE = '/etc/security/limits.d/60-berth.conf';
const MANAGER_FILE = '/etc/systemd/system.conf.d/60-berth.conf';
const COREDUMP_FILE = '/etc/systemd/coredump.conf.d/60-berth.conf';
const SYSCTL_FILE = '/etc/sysctl.d/99-zz-berth-core.conf';
const PATTERN_KEY = 'kernel.core_pattern';
/** A program that takes the memory of the one that crashed, and keeps nothing of it. */
const PATTERN = '|/bin/false';
const RELOAD = [['systemctl', 'daemon-reload']] as const;

export const coreDumps: Check = {
  id: 'core-dumps',
  title: 'A program that crashes leaves no copy of its memory, and of the secrets in it',
  area: 'files',
  severity: 'medium',
  fix: 'limits for sessions and services, and a kernel.core_pattern that keeps nothing; running services follow when they restart',
  guarded: false,
  settleUndone: RELOAD,

  async inspect({ host, container }) {
    const { stdout } = await host.run(['systemctl', 'show', '--property=DefaultLimitCORE', '--value']);
    const limit = stdout.trim();
    const sessions = (await host.read(LIMITS_FILE)) !== null;
    const pattern = (await readSysctl(host, PATTERN_KEY)) ?? '';
    const evidence: Evidence[] = [
      item(
        'services',
        'systemctl show --property=DefaultLimitCORE',
        limit === '0' ? 'off' : `up to ${limit} bytes`,
        limit === '0',
      ),
      item('sessions', LIMITS_FILE, sessions ? 'off' : 'no limit', sessions),
    ];
    const where = sysctlPath(PATTERN_KEY);
    if (pattern === PATTERN) evidence.push(item(PATTERN_KEY, where, pattern, true));
    else if (host.writable(where)) evidence.push(item(PATTERN_KEY, where, pattern, false));
    else {
      const why = container === null ? 'cannot be written' : `belongs to the host around this container (${container})`;
      evidence.push({ what: PATTERN_KEY, where, found: `${pattern}; ${why}`, expected: PATTERN, state: 'not-applicable' });
    }
    return judge(evidence, 'off for services and sessions');
  },

  async plan({ host }) {
    const changes: Change[] = [
      { kind: 'file', path: LIMITS_FILE, content: '# Written by Berth\n* hard core 0\nroot hard core 0\n', mode: 0o644 },
      { kind: 'file', path: MANAGER_FILE, content: '# Written by Berth\n[Manager]\nDefaultLimitCORE=0\n', mode: 0o644 },
      {
        kind: 'file',
        path: COREDUMP_FILE,
        content: '# Written by Berth\n[Coredump]\nStorage=none\nProcessSizeMax=0\n',
        mode: 0o644,
      },
    ];
    if (host.writable(sysctlPath(PATTERN_KEY)))
      changes.push(
        { kind: 'file', path: SYSCTL_FILE, content: `# Written by Berth\n${PATTERN_KEY} = ${PATTERN}\n`, mode: 0o644 },
        { kind: 'sysctl', key: PATTERN_KEY, value: PATTERN },
      );
    return { changes, settle: RELOAD };
  },
};

const item = (what: string, where: string, found: string, isOff: boolean): Evidence => ({
  what,
  where,
  found,
  expected: 'off',
  state: isOff ? 'ok' : 'wrong',
});
