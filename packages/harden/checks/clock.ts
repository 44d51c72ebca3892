import { type Check, judge, notApplicable } from '../check.ts';
import { unitState } from '../system-changes.ts';

const CLIENTS = ['systemd-timesyncd.service', 'chrony.service', 'chronyd.service', 'ntpsec.service', 'ntp.service'] as const;

export const clock: Check = {
  id: 'clock',
  title: 'The clock is kept right over the network',
  area: 'system',
  severity: 'medium',
  fix: 'systemd-timesyncd, unless chrony or ntp does it already',
  guarded: false,
  settleUndone: [],

  async inspect({ host, container }) {
    if (container !== null) return notApplicable(`in a container (${container}) the clock is that of the host around it`);
    for (const unit of CLIENTS) {
      if (!(await unitState(host, unit)).active) continue;
      const { stdout } = await host.run(['timedatectl', 'show', '--property=NTPSynchronized', '--value']);
      const synchronised = stdout.trim() === 'yes' ? 'and the clock is right' : 'and waits for its first answer';
      const item = { what: 'time', where: 'systemctl is-active', found: `${unit} runs`, expected: 'a client of NTP runs' };
      return judge([{ ...item, state: 'ok' }], `${unit.replace('.service', '')} runs ${synchronised}`);
    }
    const item = { what: 'time', where: 'systemctl is-active', found: 'no client of NTP runs', expected: 'one runs' };
    return judge([{ ...item, state: 'wrong' }], '');
  },

  plan: () =>
    Promise.resolve({
      changes: [
        { kind: 'packages', names: ['systemd-timesyncd'] },
        { kind: 'unit', name: 'systemd-timesyncd.service' },
      ],
      settle: [],
    }),
};
