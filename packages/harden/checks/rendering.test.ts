/** What is written onto a machine, word for word. */
import { join } from 'node:path';
import { test } from 'node:test';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { EDGE_FILTER, renderJails } from './fail2ban.ts';
import { KERNEL_RULES, renderSysctl } from './kernel.ts';
import { renderJournal } from './logs.ts';
import { renderFirewall, renderFirewallUnit } from './nft-rules.ts';
import { renderSshdDropIn, SSHD_RULES } from './sshd-config.ts';
import { renderAptFile } from './upgrades.ts';

const settings = { ...DEFAULT_SETTINGS, trustedAddresses: ['192.0.2.0/24'], automaticReboot: true };

const FILES: Readonly<Record<string, string>> = {
  'firewall.nft': renderFirewall({ tcp: [22, 80, 443], udp: [] }),
  'firewall-more.nft': renderFirewall({ tcp: [22, 80, 443, 2222], udp: [51820] }),
  'berth-firewall.service': renderFirewallUnit(),
  'sshd.conf': renderSshdDropIn({ lines: SSHD_RULES, closed: [] }),
  'sshd-match.conf': renderSshdDropIn({
    lines: [{ keyword: 'MaxAuthTries', value: '4' }],
    closed: [
      { keyword: 'PasswordAuthentication', value: 'no' },
      { keyword: 'PermitRootLogin', value: 'prohibit-password' },
    ],
  }),
  'jails.local': renderJails({
    settings,
    admin: '198.51.100.7',
    ports: [22, 2222],
    edgeLog: '/var/lib/berth/edge/access.log',
  }),
  'jails-bare.local': renderJails({ settings: DEFAULT_SETTINGS, admin: '', ports: [22], edgeLog: null }),
  'edge-filter.conf': EDGE_FILTER,
  'upgrades.conf': renderAptFile(settings, null),
  'sysctl.conf': renderSysctl(KERNEL_RULES),
  'journald.conf': renderJournal('1G'),
};

for (const [name, text] of Object.entries(FILES))
  test(`${name} is written as agreed`, (t) => {
    t.assert.fileSnapshot(text, join(import.meta.dirname, 'golden', name), { serializers: [String] });
  });
