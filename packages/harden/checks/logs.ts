import type { Change } from '../change.ts';
import { type Check, type Evidence, judge } from '../check.ts';
import { installedPackages, unitState } from '../system-changes.ts';

const DROP_IN = '/etc/systemd/journald.conf.d/60-berth.conf';
const RESTART = [['systemctl', 'restart', 'systemd-journald.service']] as const;
const TIMER = 'logrotate.timer';

export const logs: Check = {
  id: 'logs',
  title: 'Logs cannot fill the disk',
  area: 'system',
  severity: 'medium',
  fix: 'a limit for the journal ("journalSize" in /etc/berth/harden.json), and logrotate every day for what is not in it',
  guarded: false,
  settleUndone: RESTART,

  async inspect({ host }) {
    const { stdout } = await host.run(['systemd-analyze', 'cat-config', 'systemd/journald.conf']);
    const size = [...stdout.matchAll(/^SystemMaxUse=(.*)$/gm)].at(-1)?.[1] ?? '';
    const evidence: Evidence[] = [
      {
        what: 'limit of the journal',
        where: 'systemd-analyze cat-config systemd/journald.conf',
        found: size || 'a tenth of the disk, 4 GB at most',
        expected: 'SystemMaxUse is set',
        state: size === '' ? 'wrong' : 'ok',
      },
    ];
    const hasLogrotate = (await installedPackages(host)).has('logrotate');
    const timer = await unitState(host, TIMER);
    const rotates = hasLogrotate && timer.active;
    evidence.push({
      what: 'logrotate',
      where: `systemctl is-active ${TIMER}`,
      found: rotates ? 'every day' : hasLogrotate ? 'installed, but its timer is off' : 'not installed',
      expected: 'every day',
      state: rotates ? 'ok' : 'wrong',
    });
    return judge(evidence, `the journal keeps ${size} at most, other logs are rotated every day`);
  },

  async plan({ settings }) {
    const changes: Change[] = [
      { kind: 'packages', names: ['logrotate'] },
      { kind: 'file', path: DROP_IN, content: renderJournal(settings.journalSize), mode: 0o644 },
      { kind: 'unit', name: TIMER },
    ];
    return { changes, settle: RESTART };
  },
};

export const renderJournal = (size: string): string => `# Written by Berth
[Journal]
SystemMaxUse=${size}
`;
