import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from './change.ts';
import type { Check } from './check.ts';
import { judge } from './check.ts';
import { createFakeHost, type FakeHost } from './fake-host.ts';
import { applyPlan, revertTrial, undoCheck } from './fix.ts';
import { auditHost, confirmHardening, hardenHost, undoHardening } from './harden.ts';
import { openLedger } from './ledger.ts';
import { silentLogger } from '@berth/host';
import { DEFAULT_SETTINGS, parseSettings } from './settings.ts';
import { beginTrial } from './trial.ts';

const CHANGES: readonly Change[] = [
  { kind: 'packages', names: ['guard'] },
  { kind: 'file', path: '/etc/guard.d/berth.conf', content: 'strict\n', mode: 0o644 },
  { kind: 'file', path: '/etc/guard.conf', content: 'ours\n', mode: 0o600 },
  { kind: 'sysctl', key: 'net.core.somaxconn', value: '4096' },
  { kind: 'mode', path: '/var/secret', mode: 0o600, uid: 0, gid: 0 },
  { kind: 'unit', name: 'guard.service' },
];

const check: Check = {
  id: 'guard',
  title: 'There is a guard',
  area: 'system',
  severity: 'low',
  fix: 'a guard',
  guarded: false,
  settleUndone: [['guard', 'reload']],
  inspect: () => Promise.resolve(judge([], 'fine')),
  plan: () => Promise.resolve({ changes: CHANGES, settle: [['guard', 'reload']] }),
};

const machine = (): FakeHost => {
  const host = createFakeHost({
    '/etc/guard.conf': { content: 'theirs\n', mode: 0o640, uid: 7, gid: 8 },
    '/proc/sys/net/core/somaxconn': '128\n',
    '/var/secret': { content: 'x', mode: 0o666, uid: 5, gid: 6 },
  });
  host.answers.set('env DEBIAN_FRONTEND', {});
  host.units.set('guard.service', { enabled: false, active: false });
  return host;
};

/** As far as it can be compared: the packages are apt's own to take away. */
const contentOf = (host: FakeHost): unknown => ({
  files: Object.fromEntries([...host.files].map(([path, file]) => [path, { ...file, content: file.content.trim() }])),
  unit: host.units.get('guard.service'),
});

const fix = async (host: FakeHost): Promise<readonly string[]> => {
  const plan = { changes: CHANGES, settle: [['guard', 'reload']] };
  const ledger = await openLedger(host, 'guard');
  return applyPlan(check, plan, { host, ledger, onRisk: () => Promise.resolve(), onStep: () => undefined });
};

test('a fix makes what is missing once, and undo brings back contents, modes, owners, values and units', async () => {
  const host = machine();
  const before = contentOf(host);
  assert.equal((await fix(host)).length, CHANGES.length);
  assert.equal(host.files.get('/etc/guard.conf')?.content, 'ours\n');
  assert.deepEqual(host.units.get('guard.service'), { enabled: true, active: true });
  assert.deepEqual(host.files.get('/etc/berth/harden/guard/before/etc/guard.conf'), {
    content: 'theirs\n',
    mode: 0o600,
    uid: 0,
    gid: 0,
  });
  assert.deepEqual(await fix(host), []);
  assert.equal(host.commands.filter((command) => command === 'guard reload').length, 1);
  await undoCheck(host, check);
  assert.deepEqual(contentOf(host), before);
});

test('wherever a fix is cut, the next one finishes it and undo brings the beginning back', async () => {
  const writes = await countWrites();
  for (let cut = 1; cut <= writes; cut += 1) {
    const host = machine();
    const before = contentOf(host);
    let left = cut;
    host.beforeWrite = () => {
      left -= 1;
      if (left === 0) throw new Error('cut');
    };
    await assert.rejects(fix(host), `the cut ${cut} was not met`);
    host.beforeWrite = () => undefined;
    await fix(host);
    assert.ok(host.commands.includes('guard reload'), `after cut ${cut}`);
    await undoCheck(host, check);
    assert.deepEqual(contentOf(host), before, `after cut ${cut}`);
  }
});

const countWrites = async (): Promise<number> => {
  const host = machine();
  let writes = 0;
  host.beforeWrite = () => {
    writes += 1;
  };
  await fix(host);
  return writes;
};

test('an undo that is cut is finished by the next', async () => {
  const host = machine();
  const before = contentOf(host);
  await fix(host);
  let left = 2;
  host.beforeWrite = () => {
    left -= 1;
    if (left === 0) throw new Error('cut');
  };
  await assert.rejects(undoCheck(host, check));
  host.beforeWrite = () => undefined;
  await undoCheck(host, check);
  assert.deepEqual(contentOf(host), before);
});

test('a trial goes back to what an earlier fix made, and not to the beginning', async () => {
  const host = machine();
  const before = contentOf(host);
  await fix(host);
  const ledger = await openLedger(host, 'guard');
  await beginTrial(host, ledger, { sshConnection: '', revert: ['node', 'command.ts', 'revert'], now: new Date(0) });
  assert.ok(host.commands.some((command) => command.startsWith('systemd-run --unit=berth-harden-revert-guard --on-active=60s')));
  const changes: Change[] = [{ kind: 'file', path: '/etc/guard.conf', content: 'newer\n', mode: 0o600 }];
  const deps = { host, ledger, onRisk: () => Promise.resolve(), onStep: () => undefined };
  await applyPlan(check, { changes, settle: [] }, deps);
  assert.equal(host.files.get('/etc/guard.conf')?.content, 'newer\n');
  assert.equal(await revertTrial(host, check), true);
  assert.equal(host.files.get('/etc/guard.conf')?.content, 'ours\n');
  assert.equal(await revertTrial(host, check), false);
  await undoCheck(host, check);
  assert.deepEqual(contentOf(host), before);
});

test('a change is confirmed over another connection than the one it was made over', async () => {
  const host = createFakeHost({ '/etc/os-release': 'ID=debian\n', '/run/systemd/system/x': '' });
  const options = { home: '/var/lib/berth', uid: 0, log: silentLogger, host, sshConnection: '10.0.0.1 4000 10.0.0.2 22' };
  await assert.rejects(confirmHardening(options), { code: 'HARDEN_NOTHING_TO_CONFIRM' });
  const ledger = await openLedger(host, 'firewall');
  const trial = { sshConnection: options.sshConnection, revert: [], now: new Date(0) };
  await beginTrial(host, ledger, trial);
  await assert.rejects(confirmHardening(options), { code: 'HARDEN_SAME_CONNECTION' });
  assert.deepEqual(await confirmHardening({ ...options, sshConnection: '10.0.0.1 4001 10.0.0.2 22' }), ['firewall']);
  assert.ok(host.commands.includes('systemctl stop berth-harden-revert-firewall.timer'));
  assert.deepEqual([...host.files.keys()], ['/etc/os-release', '/run/systemd/system/x']);
});

test('what a run that was killed has left goes with the next one, whatever that has to do', async () => {
  const host = createFakeHost({ '/etc/os-release': 'ID=debian\n', '/run/systemd/system/x': '' });
  const options = { home: '/var/lib/berth', uid: 0, log: silentLogger, host, sshConnection: '', only: ['accounts'] };
  for (const run of [() => undoHardening(options), () => hardenHost({ ...options, confirm: 'self' })]) {
    host.hasLeftovers = true;
    await run();
    assert.equal(host.hasLeftovers, false);
  }
  host.hasLeftovers = true;
  await hardenHost({ ...options, confirm: 'self', dryRun: true });
  assert.equal(host.hasLeftovers, true, 'a dry run changes nothing');
});

test('only root, and only on a Debian with systemd', async () => {
  const host = createFakeHost({ '/etc/os-release': 'PRETTY_NAME="Arch Linux"\nID=arch\n' });
  const options = { home: '/var/lib/berth', log: silentLogger, host, sshConnection: '' };
  await assert.rejects(auditHost({ ...options, uid: 1000 }), {
    code: 'HARDEN_NEEDS_ROOT',
    hint: 'run it as root: sudo berth audit',
  });
  await assert.rejects(auditHost({ ...options, uid: 0 }), { code: 'HARDEN_SYSTEM_UNSUPPORTED' });
  host.files.set('/etc/os-release', { content: 'ID=ubuntu\nID_LIKE=debian\n', mode: 0o644, uid: 0, gid: 0 });
  host.files.set('/run/systemd/system/x', { content: '', mode: 0o644, uid: 0, gid: 0 });
  await assert.rejects(auditHost({ ...options, uid: 0, only: ['sshg'] }), { code: 'HARDEN_CHECK_NOT_FOUND' });
});

const SETTINGS: readonly (readonly [text: string, why: RegExp | null])[] = [
  ['{}', null],
  ['{ "openPorts": ["51820/udp"], "automaticReboot": true, "rebootTime": "03:30" }', null],
  ['{ "trustedAddresses": ["192.0.2.0/24", "2001:db8::1"] }', null],
  ['{', /not JSON/],
  ['[]', /not an object/],
  ['{ "openPort": [] }', /no setting called "openPort"/],
  ['{ "openPorts": ["80"] }', /openPorts should be/],
  ['{ "openPorts": ["70000/tcp"] }', /openPorts should be/],
  ['{ "trustedAddresses": ["192.0.2.0/33"] }', /trustedAddresses should be/],
  ['{ "rebootTime": "4:00" }', /rebootTime should be/],
  ['{ "journalSize": "1G; rm" }', /journalSize should be/],
  ['{ "sshFailures": 0 }', /sshFailures should be/],
];
for (const [text, why] of SETTINGS) {
  test(`settings ${text} are ${why === null ? 'taken' : 'refused'}`, () => {
    if (why === null) assert.deepEqual(parseSettings(text), { ...DEFAULT_SETTINGS, ...JSON.parse(text) });
    else assert.throws(() => parseSettings(text), { code: 'HARDEN_SETTINGS_INVALID', message: why });
  });
}

const withSshd = (): FakeHost => {
  const host = createFakeHost({
    '/etc/os-release': 'ID=debian\n',
    '/run/systemd/system/x': '',
    '/usr/sbin/sshd': '',
    '/run/sshd/x': '',
  });
  host.answers.set('/usr/sbin/sshd -T', { stdout: 'port 22\n' });
  host.answers.set('nft --json', { exitCode: 1 });
  host.packages.add('nftables');
  return host;
};

test('an sshd that is just reading its configuration again is asked once more', async () => {
  const host = withSshd();
  host.sockets = [{ protocol: 'tcp', address: '0.0.0.0', port: 22, process: 'sshd' }];
  let asked = 0;
  const greeting = (): Promise<string> =>
    (asked += 1) < 3 ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve('SSH-2.0-fake');
  const options = { home: '/var/lib/berth', uid: 0, log: silentLogger, sshConnection: '', only: ['firewall'] };
  const { checks } = await hardenHost({ ...options, host: { ...host, greeting }, confirm: 'self' });
  assert.equal(asked, 3);
  assert.notEqual(checks[0]?.error?.code, 'HARDEN_REVERTED');
});

test('a firewall behind which sshd does not answer is taken back at once, and so is one after which sshd has gone', async () => {
  for (const listens of [true, false]) {
    const host = withSshd();
    host.sockets = listens ? [{ protocol: 'tcp', address: '0.0.0.0', port: 22, process: 'sshd' }] : [];
    host.banner = 'silence';
    const before = [...host.files.keys()];
    const options = { home: '/var/lib/berth', uid: 0, log: silentLogger, host, sshConnection: '', only: ['firewall'] };
    const { ok, checks, awaiting } = await hardenHost({ ...options, confirm: 'self', sshPatienceMs: 0 });
    assert.equal(ok, false);
    assert.equal(checks[0]?.error?.code, 'HARDEN_REVERTED');
    assert.deepEqual(awaiting, []);
    assert.deepEqual([...host.files.keys()], before);
    assert.ok(host.commands.includes('systemctl stop berth-firewall.service'));
  }
});
