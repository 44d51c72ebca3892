/** What checks read from machines of many kinds, and what they would do about it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeChange } from '../change.ts';
import type { Check, Context, State } from '../check.ts';
import { createFakeHost, type FakeHost } from '../fake-host.ts';
import { openChanges } from '../fix.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { accounts } from './accounts.ts';
import { clock } from './clock.ts';
import { firewall } from './firewall.ts';
import { kernel } from './kernel.ts';
import { CHECKS } from './list.ts';
import { listeners } from './listeners.ts';
import { parseTable } from './nft-rules.ts';
import { sshd } from './sshd.ts';
import { findLoosenings } from './sshd-config.ts';
import { swap } from './swap.ts';
import { parseUfw } from './ufw.ts';
import { parseAptConfig } from './upgrades.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0cQ3Yp0mWb6x8Yq2v1u5o7r9t3w5y7A9C1E3G5I7K9 ada@laptop\n';
const SSHD = { '/usr/sbin/sshd': '', '/run/sshd/x': '', '/etc/ssh/sshd_config': 'Include /etc/ssh/sshd_config.d/*.conf\n' };
const ROOT = { '/etc/passwd': 'root:x:0:0::/root:/bin/bash\n', '/etc/group': 'sudo:x:27:\n' };
const KEYS = { '/root/.ssh/authorized_keys': { content: KEY, mode: 0o600 } };
const ADA = {
  '/etc/passwd': 'root:x:0:0::/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/bash\n',
  '/etc/group': 'sudo:x:27:ada\n',
  '/home/ada/.ssh/authorized_keys': { content: KEY, mode: 0o600, uid: 1000 },
};
const EFFECTIVE = [
  ...['port 22', 'pubkeyauthentication yes', 'passwordauthentication yes', 'kbdinteractiveauthentication no'],
  ...['permitemptypasswords no', 'permitrootlogin no', 'maxauthtries 3', 'logingracetime 120', 'x11forwarding no'],
  ...['authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2', 'authorizedkeyscommand none'],
];

const contextOf = (host: FakeHost, more: Partial<Context> = {}): Context => ({
  host,
  settings: DEFAULT_SETTINGS,
  home: '/var/lib/berth',
  sshConnection: '',
  container: null,
  ...more,
});

const withSshd = (effective: readonly string[], files: Parameters<typeof createFakeHost>[0] = {}): FakeHost => {
  const host = createFakeHost({ ...SSHD, ...ROOT, ...files });
  host.answers.set('/usr/sbin/sshd -T', { stdout: `${effective.join('\n')}\n` });
  return host;
};

const stepsOf = async (check: Check, context: Context): Promise<readonly string[]> => {
  const plan = await check.plan(context);
  return plan === null ? [] : (await openChanges(context.host, plan)).map(describeChange);
};

test('every check has an id of its own and says what it is about', () => {
  assert.equal(new Set(CHECKS.map(({ id }) => id)).size, CHECKS.length);
  for (const { id, title, fix } of CHECKS) {
    assert.match(id, /^[a-z][a-z0-9-]{2,9}$/);
    assert.match(title, /^[A-Z].*[^.]$/);
    assert.ok(fix.length > 20);
  }
  assert.deepEqual(
    CHECKS.filter(({ guarded }) => guarded),
    CHECKS.slice(-2),
    'what could lock out comes last',
  );
});

test('sshd: what its owner has set more strictly stays, what is loose is written once', async () => {
  const host = withSshd(EFFECTIVE, ADA);
  const { state, summary } = await sshd.inspect(contextOf(host));
  assert.equal(state, 'wrong');
  assert.equal(summary, 'PasswordAuthentication: yes; LoginGraceTime: 120');
  const plan = await sshd.plan(contextOf(host));
  const [change] = plan?.changes ?? [];
  assert.ok(change?.kind === 'file');
  assert.match(change.content, /\nPasswordAuthentication no\nLoginGraceTime 30\n$/);
  assert.doesNotMatch(change.content, /PermitRootLogin|MaxAuthTries/);
});

const LOCKED_OUT: readonly (readonly [string, readonly string[], Parameters<typeof createFakeHost>[0]])[] = [
  ['nobody has a key', ['permitrootlogin yes'], {}],
  ['the file holds a comment', ['permitrootlogin yes'], { '/root/.ssh/authorized_keys': `# ${KEY}` }],
  ['others may write the file', ['permitrootlogin yes'], { '/root/.ssh/authorized_keys': { content: KEY, mode: 0o666 } }],
  ['root has a key and may not log in', ['permitrootlogin no'], KEYS],
  ['others alone are allowed', ['permitrootlogin yes', 'allowusers ada bob@*'], KEYS],
];
for (const [why, effective, files] of LOCKED_OUT)
  test(`sshd is left alone when ${why}`, async () => {
    const host = withSshd([...effective, ...EFFECTIVE.filter((line) => !line.startsWith('permitroot'))], files);
    await assert.rejects(sshd.plan(contextOf(host)), { code: 'HARDEN_NO_SSH_KEY' });
  });

test('sshd: an administrator with sudo and a key is enough', async () => {
  const host = withSshd(EFFECTIVE, ADA);
  assert.deepEqual(await stepsOf(sshd, contextOf(host)), ['write /etc/ssh/sshd_config.d/00-berth.conf']);
});

test('sshd: a Match block is closed with what holds for all, where that is stricter than ours', async () => {
  const block = 'Match User bob\n    PermitRootLogin yes\n    PasswordAuthentication yes\n';
  const host = withSshd(EFFECTIVE, { ...ADA, '/etc/ssh/sshd_config.d/90.conf': block });
  const [change] = (await sshd.plan(contextOf(host)))?.changes ?? [];
  assert.ok(change?.kind === 'file');
  assert.match(change.content, /\nMatch all\n    PasswordAuthentication no\n    PermitRootLogin no\n$/);
});

test('sshd: Match blocks that loosen are found with file and line, strict ones and those before them are not', () => {
  const text =
    'PasswordAuthentication yes\nMatch User guest\n  passwordauthentication=yes\n  PermitRootLogin no\n  X11Forwarding yes\n';
  assert.deepEqual(findLoosenings([{ path: '/etc/ssh/x.conf', text }]), [
    { file: '/etc/ssh/x.conf', line: 3, keyword: 'PasswordAuthentication', value: 'yes' },
  ]);
});

const NFT = (policy: string, ports: unknown): string =>
  JSON.stringify({
    nftables: [
      { chain: { hook: 'input', policy } },
      { rule: { expr: [{ match: { left: { payload: { protocol: 'tcp', field: 'dport' } }, right: ports } }, { accept: null }] } },
    ],
  });

const FIREWALLS: readonly (readonly [string, string | null, string, State])[] = [
  ['no table', null, '', 'wrong'],
  ['the rules as they should be', NFT('drop', { set: [22, 80, 443] }), '', 'ok'],
  ['a chain that lets in', NFT('accept', { set: [22, 80, 443] }), '', 'wrong'],
  ['a port too many', NFT('drop', { set: [22, 80, 443, 5432] }), '', 'wrong'],
  ['one port alone', NFT('drop', 22), '', 'wrong'],
  ['a connection by another port of SSH', NFT('drop', { set: [22, 80, 443] }), '10.0.0.1 4000 10.0.0.2 2222', 'wrong'],
  ['that other port let in', NFT('drop', { set: [22, 80, 443, 2222] }), '10.0.0.1 4000 10.0.0.2 2222', 'ok'],
];
for (const [name, table, sshConnection, state] of FIREWALLS)
  test(`firewall: ${name} is ${state}`, async () => {
    const host = withSshd(EFFECTIVE);
    host.answers.set('nft --json list', table === null ? { exitCode: 1 } : { stdout: table });
    host.units.set('berth-firewall.service', { enabled: true, active: true });
    assert.equal((await firewall.inspect(contextOf(host, { sshConnection }))).state, state);
  });

test('firewall: a rule with more conditions, or that drops, opens nothing', () => {
  const match = (field: string, right: unknown): object => ({ match: { left: { payload: { protocol: 'udp', field } }, right } });
  const rules = [
    { expr: [match('sport', 67), match('dport', 68), { accept: null }] },
    { expr: [match('dport', 9), { drop: null }] },
  ];
  assert.deepEqual(parseTable(JSON.stringify({ nftables: rules.map((rule) => ({ rule })) })).open, { tcp: [], udp: [] });
});

test('firewall: where ufw is active it is asked, SSH first and the policy last', async () => {
  const host = withSshd(EFFECTIVE);
  const text =
    'Status: active\nDefault: allow (incoming), allow (outgoing)\n\nTo   Action  From\n80/tcp  ALLOW IN  Anywhere\n9000  ALLOW IN  Anywhere\n80/tcp (v6)  ALLOW IN  Anywhere (v6)\n';
  host.answers.set('ufw status verbose', { stdout: text });
  host.answers.set('ufw show added', { stdout: 'Added user rules:\nufw allow 80/tcp\nufw allow 9000\n' });
  assert.deepEqual(parseUfw(text), { active: true, deniesByDefault: false, open: ['80/tcp', '9000'] });
  const finding = await firewall.inspect(contextOf(host));
  assert.equal(finding.summary, 'what is not allowed: is let in; not allowed yet: 22/tcp 443/tcp; open besides: 9000');
  assert.match(finding.manual ?? '', /ufw delete allow 9000/);
  assert.deepEqual(await stepsOf(firewall, contextOf(host)), [
    'ufw allow 22/tcp',
    'ufw allow 443/tcp',
    'ufw default deny incoming',
  ]);
});

test('listeners: loopback, SSH, the edge, what is meant and clients of DHCP are fine', async () => {
  const host = withSshd(EFFECTIVE);
  const tcp = { protocol: 'tcp', address: '0.0.0.0', process: 'x' } as const;
  host.sockets = [
    { ...tcp, port: 22 },
    { ...tcp, port: 443 },
    { ...tcp, port: 5432, address: '127.0.0.1' },
    { ...tcp, port: 5432, address: '::1' },
    { protocol: 'udp', port: 68, address: '0.0.0.0', process: 'dhclient' },
    { protocol: 'udp', port: 51820, address: '::', process: null },
  ];
  const settings = { ...DEFAULT_SETTINGS, openPorts: ['51820/udp'] };
  assert.equal((await listeners.inspect(contextOf(host, { settings }))).state, 'ok');
  const { summary } = await listeners.inspect(contextOf(host));
  assert.equal(summary, '51820/udp: somebody listens on [::]:51820');
});

test('kernel: what a container cannot set is not wrong, and what is stricter is not written', async () => {
  const host = createFakeHost({
    '/proc/sys/net/ipv4/tcp_syncookies': '0\n',
    '/proc/sys/net/ipv4/conf/all/rp_filter': '1\n',
    '/proc/sys/kernel/kptr_restrict': '0\n',
  });
  const context = contextOf(host, { container: 'lxc' });
  const { state, summary, evidence } = await kernel.inspect(context);
  assert.equal(state, 'wrong');
  assert.equal(summary, 'net.ipv4.tcp_syncookies: 0');
  assert.match(evidence.find(({ what }) => what === 'kernel.kptr_restrict')?.found ?? '', /host around this container \(lxc\)/);
  assert.deepEqual(await stepsOf(kernel, context), ['write /etc/sysctl.d/99-zz-berth.conf', 'set net.ipv4.tcp_syncookies to 1']);
});

const MEMORY = (megabytes: number, swapped: number): string =>
  `MemTotal: ${megabytes * 1024} kB\nSwapTotal: ${swapped * 1024} kB\n`;
const SWAPS: readonly (readonly [string, string, State, string | undefined])[] = [
  ['1 GB and no swap', MEMORY(1_024, 0), 'wrong', 'make 1024 MB of swap space in /swap.berth'],
  ['3 GB and no swap', MEMORY(3_072, 0), 'wrong', 'make 2048 MB of swap space in /swap.berth'],
  ['8 GB and no swap', MEMORY(8_192, 0), 'ok', undefined],
  ['1 GB and swap of its own', MEMORY(1_024, 512), 'wrong', undefined],
];
for (const [name, text, state, first] of SWAPS)
  test(`swap: with ${name} it is ${state}${first === undefined ? '' : ' and a file is made'}`, async () => {
    const host = createFakeHost({ '/proc/meminfo': text, '/proc/sys/vm/swappiness': '60\n' });
    assert.equal((await swap.inspect(contextOf(host))).state, state);
    assert.equal(
      (await stepsOf(swap, contextOf(host))).find((step) => step.startsWith('make')),
      first,
    );
    assert.equal((await swap.inspect(contextOf(host, { container: 'docker' }))).state, 'not-applicable');
  });

test('clock: chrony is as good as systemd-timesyncd, and nothing is not', async () => {
  const host = createFakeHost();
  assert.equal((await clock.inspect(contextOf(host))).state, 'wrong');
  assert.deepEqual(await stepsOf(clock, contextOf(host)), [
    'install systemd-timesyncd',
    'start systemd-timesyncd.service, now and with the machine',
  ]);
  host.units.set('chrony.service', { enabled: true, active: true });
  assert.equal((await clock.inspect(contextOf(host))).state, 'ok');
});

test('accounts: empty passwords are locked, a second root is for its owner to remove', async () => {
  const host = createFakeHost({
    '/etc/passwd': 'root:x:0:0::/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\n',
    '/etc/shadow': 'root:*:1::::::\nguest::1::::::\n',
  });
  const { summary, manual } = await accounts.inspect(contextOf(host));
  assert.equal(summary, 'empty password: guest; rights of root besides root: toor');
  assert.match(manual ?? '', /userdel toor/);
  assert.deepEqual(await stepsOf(accounts, contextOf(host)), ['lock the empty password of guest']);
});

test('upgrades: of several values the last counts, and lists are kept whole', () => {
  const config = parseAptConfig('A::B "1";\nA::List:: "x";\nA::List:: "y";\na::b "2";\n');
  assert.deepEqual(
    [...config],
    [
      ['a::b', ['1', '2']],
      ['a::list', ['x', 'y']],
    ],
  );
});
