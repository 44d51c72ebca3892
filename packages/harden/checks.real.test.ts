/** Every check on a machine of its own: broken for real, seen, put right, and taken back to exactly what was there. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { waitUntil, whyNoMachine } from '@berth/testing';
import { type BerthMachine, bootBerthMachine, difference, NODE } from './testing/berth-machine.ts';

type Case = {
  readonly id: string;
  readonly breaks: string;
  /** As root inside, before anything is looked at. */
  readonly script: string;
  /** What the finding names. */
  readonly names: RegExp;
  /** Shows on the machine that it was put right. */
  readonly shows: readonly [script: string, answer: RegExp];
};

const CASES: readonly Case[] = [
  {
    id: 'upgrades',
    breaks: 'nothing installs updates',
    script: 'true',
    names: /unattended-upgrades: not installed/,
    shows: [
      'unattended-upgrade --dry-run --debug 2>&1 | grep -i "allowed origins"; apt-config dump',
      /Debian-Security[\s\S]*Unattended-Upgrade "1"/,
    ],
  },
  {
    id: 'logs',
    breaks: 'the journal has no limit and nothing rotates logs',
    script: 'true',
    names: /limit of the journal.*logrotate: not installed/,
    shows: [
      'systemd-analyze cat-config systemd/journald.conf; systemctl is-active logrotate.timer',
      /SystemMaxUse=1G[\s\S]*\nactive/,
    ],
  },
  {
    id: 'kernel',
    breaks: 'routes may be changed by others',
    script: 'sysctl -qw net.ipv4.conf.all.accept_redirects=1 net.ipv4.tcp_syncookies=0',
    names: /net\.ipv4\.tcp_syncookies: 0/,
    shows: ['sysctl net.ipv4.tcp_syncookies net.ipv4.conf.all.accept_redirects', /syncookies = 1\n.*accept_redirects = 0/],
  },
  {
    id: 'core-dumps',
    breaks: 'services leave core dumps',
    script: 'true',
    names: /services: up to infinity bytes/,
    shows: [
      'systemd-run --quiet --pipe --wait sh -c "ulimit -c"; systemctl show --property=DefaultLimitCORE',
      /^0\nDefaultLimitCORE=0$/m,
    ],
  },
  {
    id: 'files',
    breaks: 'the key of the secrets can be read by everybody',
    script: `umask 022; mkdir -p /var/lib/berth/secrets /var/lib/berth/apps/shop/stores/data /etc/berth
      echo key > /var/lib/berth/secrets/key.txt; echo {} > /etc/berth/harden.json; touch /var/lib/berth/journal.db
      id -u berth-shop >/dev/null 2>&1 || useradd --system berth-shop; chmod 711 /var/lib/berth`,
    names: /secrets: 0755, owner 0/,
    shows: [
      'cd /var/lib/berth; stat -c "%n %a %U" secrets secrets/key.txt journal.db apps/shop/stores/data /etc/berth',
      /^secrets 700 root\nsecrets\/key.txt 600 root\njournal.db 600 root\napps\/shop\/stores\/data 750 berth-shop\n\/etc\/berth 700 root$/m,
    ],
  },
  {
    id: 'accounts',
    breaks: 'an account has an empty password',
    script: 'id -u guest >/dev/null 2>&1 || useradd guest; passwd --quiet --delete guest; chage --lastday 19000 guest',
    names: /empty password: guest/,
    shows: ['getent shadow guest', /^guest:!:/],
  },
  {
    id: 'fail2ban',
    breaks: 'nobody is shut out',
    script: 'true',
    names: /not installed/,
    shows: ['fail2ban-client status sshd', /Journal matches:\s+_SYSTEMD_UNIT=ssh\.service/],
  },
  {
    id: 'sshd',
    breaks: 'passwords are taken, by a file of the provider and by a Match block',
    script: `printf 'PasswordAuthentication yes\\nPermitRootLogin yes\\n' > /etc/ssh/sshd_config.d/50-cloud-init.conf
      printf 'Match User guest\\n    PasswordAuthentication yes\\n' > /etc/ssh/sshd_config.d/90-guest.conf`,
    names: /PasswordAuthentication: yes; PermitRootLogin: yes/,
    shows: [
      '/usr/sbin/sshd -T | grep -iE "^(passwordauth|permitroot|maxauth)"; /usr/sbin/sshd -T -C user=guest,host=x,addr=203.0.113.7 | grep -i ^passwordauth',
      /^permitrootlogin (?:prohibit|without)-password\nmaxauthtries 4\npasswordauthentication no\npasswordauthentication no$|^maxauthtries 4\npermitrootlogin (?:prohibit|without)-password\npasswordauthentication no\npasswordauthentication no$/m,
    ],
  },
  {
    id: 'firewall',
    breaks: 'everything is let in',
    script: 'true',
    names: /what is not allowed: is let in/,
    shows: ['nft list table inet berth', /policy drop;[\s\S]*tcp dport \{ 22, 80, 443 \} accept/],
  },
];

describe('on a machine', { skip: whyNoMachine() ?? false }, () => {
  let bench: BerthMachine;
  before(async () => {
    bench = await bootBerthMachine();
  });
  after(() => bench[Symbol.asyncDispose]());

  for (const { id, breaks, script, names, shows } of CASES) {
    test(`${id}: ${breaks}; it is seen, put right, and taken back`, { timeout: 400_000 }, async () => {
      await bench.sh(script);
      const original = await bench.state();
      const wrong = await bench.finding(id);
      assert.equal(wrong.state, 'wrong', wrong.summary);
      assert.match(wrong.summary, names);

      const first = await bench.harden([id]);
      assert.equal(first.checks[0]?.finding.state, 'ok', JSON.stringify(first.checks[0]));
      assert.deepEqual(first.awaiting, []);
      const [look, answer] = shows;
      assert.match(await bench.sh(look), answer);

      const hardened = await bench.state();
      const again = await bench.harden([id]);
      assert.deepEqual(again.checks[0]?.steps, [], 'a second run changes nothing');
      assert.deepEqual(difference(hardened, await bench.state()), []);

      await bench.undo(id);
      assert.deepEqual(difference(original, await bench.state()), []);
      assert.equal((await bench.finding(id)).state, 'wrong');
    });
  }

  test('listeners: what listens publicly is named with its program, and is right once it is gone', async () => {
    const program = "require('net').createServer().listen(5432, '0.0.0.0')";
    await bench.machine.execOk(['systemd-run', '--quiet', '--unit=store', NODE, '-e', program]);
    await bench.sh('until ss -ltn | grep -q :5432; do sleep 0.1; done');
    const wrong = await bench.finding('listeners');
    assert.equal(wrong.state, 'wrong');
    assert.match(wrong.summary, /^5432\/tcp: \S+ listens on 0\.0\.0\.0:5432$/);
    assert.match(wrong.manual ?? '', /"openPorts"/);
    await bench.sh('systemctl stop store');
    assert.equal((await bench.finding('listeners')).state, 'ok');
  });

  test('clock and swap belong to the host around a container, and say so', async () => {
    const { checks } = await bench.audit('clock', 'swap');
    assert.deepEqual(
      checks.map(({ finding }) => finding.state),
      ['not-applicable', 'not-applicable'],
    );
    for (const { finding } of checks) assert.match(finding.summary, /in a container \(systemd-nspawn\)/);
  });

  test('a rule that somebody took out of the kernel is put back; packages stay as long as a check needs them', {
    timeout: 400_000,
  }, async () => {
    const original = await bench.state();
    await bench.harden(['fail2ban', 'firewall']);
    await bench.sh('nft delete table inet berth');
    assert.equal((await bench.finding('firewall')).state, 'wrong');
    await bench.harden(['firewall']);
    assert.equal((await bench.finding('firewall')).state, 'ok');
    await bench.undo('fail2ban');
    assert.equal((await bench.finding('firewall')).state, 'ok', 'nftables was brought for fail2ban first');
    await bench.undo('firewall');
    assert.deepEqual(difference(original, await bench.state()), []);
  });

  test('sshd is not touched where nobody has a key', async () => {
    await bench.sh('mv /root/.ssh/authorized_keys /root/.ssh/away');
    const original = await bench.state();
    try {
      const { exitCode, stdout } = await bench.berth(['harden', '--only', 'sshd', '--yes', '--json']);
      assert.equal(exitCode, 1);
      assert.equal(JSON.parse(stdout).checks[0].error.code, 'HARDEN_NO_SSH_KEY');
      assert.deepEqual(difference(original, await bench.state()), []);
    } finally {
      await bench.sh('mv /root/.ssh/away /root/.ssh/authorized_keys');
    }
  });

  test('what was not confirmed when the machine was restarted is taken back as it comes up', { timeout: 400_000 }, async () => {
    await bench.machine.execOk(['apt-get', '-qq', '-y', '--no-install-recommends', 'install', 'nftables'], {
      timeoutMs: 120_000,
    });
    // What earlier tests set in the kernel alone is gone with any restart, and is no part of this.
    await bench.machine.reboot();
    const original = await bench.state();
    const env = { SSH_CONNECTION: '10.0.0.1 4000 10.0.0.2 22' };
    const { awaiting } = await bench.harden(['sshd', 'firewall'], { env });
    assert.equal(awaiting.length, 2);
    await bench.machine.pullThePlug();
    await bench.machine.powerOn();
    await waitUntil(async () => (await bench.audit('sshd')).awaiting.length === 0, {
      what: 'both to be taken back',
      withinMs: 60_000,
    });
    // What ran once since the machine was made has not run again.
    const differs = difference(original, await bench.state()).filter((line) => !/^[+-] [\w@.-]+\.(?:service|timer)$/.test(line));
    assert.deepEqual(differs, []);
  });

  test('the rules come back with the machine', { timeout: 400_000 }, async () => {
    await bench.harden(['sshd', 'firewall', 'kernel']);
    await bench.machine.reboot();
    const { ok, checks } = await bench.audit('sshd', 'firewall', 'kernel');
    assert.ok(ok, JSON.stringify(checks.map(({ finding }) => finding.summary)));
    await bench.undo();
    const left = (await bench.sh("find /etc -path '*berth*'")).split('\n').filter((line) => line !== '');
    // What another test put there itself may stay.
    assert.deepEqual(
      left.filter((path) => path !== '/etc/berth' && path !== '/etc/berth/harden.json'),
      [],
    );
  });
});
