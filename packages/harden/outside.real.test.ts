/** A hardened machine as the network sees it, and what happens when a change is not confirmed or its maker is killed. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { exec, type ExecResult } from '@berth/host';
import { ALL_PORTS, createRandom, scanPorts, waitUntil, whyNoMachine } from '@berth/testing';
import { BERTH, type BerthMachine, bootBerthMachine, difference, NODE } from './testing/berth-machine.ts';

describe('from outside', { skip: whyNoMachine() ?? false }, () => {
  let bench: BerthMachine;
  let original: string;
  before(async () => {
    bench = await bootBerthMachine();
    // What a careless store, a monitoring and the edge would be.
    const program = `for (const port of [80, 443, 5432, 9090]) require('net').createServer((s) => s.end()).listen(port, '0.0.0.0')`;
    await bench.machine.execOk(['systemd-run', '--quiet', '--unit=servers', NODE, '-e', program]);
    await bench.sh('until ss -ltn | grep -q :9090; do sleep 0.1; done; echo root:secret | chpasswd');
    original = await bench.state();
  });
  after(() => bench[Symbol.asyncDispose]());

  /** A login from here, with a connection of its own. */
  const ssh = (
    words: readonly string[],
    options: readonly string[] = [],
    { key = bench.machine.sshKey, seconds = 180 }: { key?: string; seconds?: number } = {},
  ): Promise<ExecResult> => {
    const known = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'LogLevel=ERROR',
      'IdentitiesOnly=yes',
      'ConnectTimeout=5',
    ];
    const argv = ['ssh', '-F', 'none', '-i', key, ...known.flatMap((one) => ['-o', one]), ...options];
    // A connection that is cut by a ban while it is being made would wait for minutes.
    return exec(['timeout', String(seconds), ...argv, `root@${bench.machine.address}`, ...words]);
  };

  /** A key that the machine does not know. */
  const other = (): string => `${bench.machine.root}/root/other`;

  test('before, a scan of all ports finds what listens', async () => {
    assert.deepEqual(await scanPorts(bench.machine.address, ALL_PORTS), [22, 80, 443, 5432, 9090]);
  });

  test('hardened over SSH and confirmed over another connection, a scan finds SSH, HTTP and HTTPS', {
    timeout: 400_000,
  }, async () => {
    const hardened = await ssh([...BERTH, 'harden', '--yes', '--json']);
    const report = JSON.parse(hardened.stdout);
    assert.deepEqual(
      report.awaiting.map(({ check }: { check: string }) => check),
      ['sshd', 'firewall'],
    );
    const confirmed = await ssh([...BERTH, 'harden', 'confirm']);
    assert.equal(confirmed.exitCode, 0, confirmed.stderr);
    assert.deepEqual((await bench.audit()).awaiting, []);
    assert.equal((await bench.sh('systemctl list-units --all --no-legend "berth-harden-*"')).trim(), '');
    assert.deepEqual(await scanPorts(bench.machine.address, ALL_PORTS), [22, 80, 443]);
    const { checks } = await bench.audit();
    const wrong = checks.filter(({ finding }) => finding.state === 'wrong').map(({ id, finding }) => `${id}: ${finding.summary}`);
    assert.equal(wrong.length, 1, wrong.join('\n'));
    assert.match(wrong[0] ?? '', /^listeners: 5432\/tcp: \S+ listens on 0\.0\.0\.0:5432; 9090\/tcp/);
  });

  test('root gets in with the key, and neither with another key nor with the right password', async () => {
    assert.equal((await ssh(['id', '-un'])).stdout, 'root\n');
    await bench.sh('ssh-keygen -q -t ed25519 -N "" -f /root/other');
    const stranger = await ssh(['true'], ['-o', 'BatchMode=yes'], { key: other() });
    assert.equal(stranger.exitCode, 255);
    assert.match(stranger.stderr, /Permission denied \(publickey\)/);
    const password = await exec(
      [
        ...['env', 'SSH_ASKPASS_REQUIRE=force', 'SSH_ASKPASS=/bin/echo', 'DISPLAY=:0', 'ssh', '-F', 'none'],
        ...['-o', 'PubkeyAuthentication=no', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
        ...['-o', 'LogLevel=ERROR', `root@${bench.machine.address}`, 'true'],
      ],
      { timeoutMs: 30_000 },
    );
    assert.equal(password.exitCode, 255);
    assert.match(password.stderr, /Permission denied \(publickey\)/);
  });

  test('who guesses is banned, others and the machine itself are not, and an unban works', { timeout: 400_000 }, async () => {
    const { link, hostAddress, address } = bench.machine;
    // As the check after a change of sshd asks: a connection that ends before a login.
    await bench.sh(`for i in 1 2 3 4 5 6 7 8; do bash -c 'read -r line </dev/tcp/${address}/22'; done`);
    const guesser = hostAddress.replace(/\d+$/, '77');
    await exec(['ip', 'address', 'add', `${guesser}/32`, 'dev', link]);
    try {
      const guess = (): Promise<ExecResult> =>
        ssh(['true'], ['-o', 'BatchMode=yes', '-b', guesser], { key: other(), seconds: 8 });
      const banned = async (): Promise<boolean> => (await bench.sh('fail2ban-client status sshd')).includes(guesser);
      const guessOnce = async (): Promise<boolean> => {
        await guess();
        return banned();
      };
      await waitUntil(guessOnce, { what: 'the guesser to be banned', withinMs: 60_000 });
      // fail2ban counts an address as banned before the firewall knows of it: a connection in between is cut, and says nothing.
      const isRefused = async (): Promise<boolean> => /Connection refused|timed out/.test((await guess()).stderr);
      await waitUntil(isRefused, { what: 'the guesser to be refused', withinMs: 60_000 });
      assert.match(await bench.sh('fail2ban-client status sshd'), new RegExp(`Banned IP list:\\s+${guesser}\\s*$`));
      assert.equal((await ssh(['id', '-un'])).stdout, 'root\n', 'the address that hardened is let in');
      // Guesses that fail2ban had not read yet may ban it once more.
      const isHeard = async (): Promise<boolean> => {
        await bench.machine.execOk(['fail2ban-client', 'unban', guesser]);
        return /Permission denied \(publickey\)/.test((await guess()).stderr);
      };
      await waitUntil(isHeard, { what: 'the guesser to be heard again', withinMs: 60_000, everyMs: 500 });
    } finally {
      await exec(['ip', 'address', 'del', `${guesser}/32`, 'dev', link]);
    }
  });

  test('who is refused by the edge again and again is banned there, and a forged address in a path is not', {
    timeout: 400_000,
  }, async () => {
    const log = '/var/lib/berth/edge/access.log';
    await bench.sh(`mkdir -p -m 711 /var/lib/berth /var/lib/berth/edge; touch ${log}`);
    await bench.harden(['fail2ban']);
    assert.match((await bench.finding('fail2ban')).summary, /guards SSH and the edge/);
    const line = (status: number, client: string, path: string): string =>
      `{"time":${(Date.now() / 1000).toFixed(3)},"app":"shop","service":"web","backend":"shop:web","server":"a","host":"shop.example.com",` +
      `"method":"POST","path":${JSON.stringify(path)},"query":"","status":${status},"bytes":12,"received":3,"requestMs":0,"connectMs":0,` +
      `"responseMs":1,"totalMs":1,"heldMs":"","client":"${client}","id":"x","http":"HTTP/1.1","tls":"-","end":"--"}\n`;
    const forged = '/","status":401,"client":"198.51.100.9"';
    const lines = Array.from({ length: 110 }, () => [line(401, '198.51.100.7', '/login'), line(200, '198.51.100.8', forged)]);
    await bench.machine.execOk(['sh', '-c', `cat >> ${log}`], { input: lines.flat().join('') });
    const bannedAtEdge = (): Promise<string> => bench.sh('fail2ban-client status berth-edge');
    await waitUntil(async () => /Currently banned:\s+1\b/.test(await bannedAtEdge()), {
      what: 'a ban by the edge',
      withinMs: 30_000,
    });
    assert.match(await bannedAtEdge(), /Banned IP list:\s+198\.51\.100\.7$/m);
    await bench.sh('rm -r /var/lib/berth');
  });

  test('what is not confirmed is taken back after its minute: to the firewall of before, and to the sshd of before', {
    timeout: 400_000,
  }, async () => {
    await bench.harden(['fail2ban']);
    await bench.undo('sshd');
    const rules = await bench.sh('nft list table inet berth');
    const words = await bench.sh('/usr/sbin/sshd -T');
    await bench.sh(`mkdir -p -m 700 /etc/berth; echo '{ "openPorts": ["9090/tcp"] }' > /etc/berth/harden.json`);
    const report = JSON.parse((await ssh([...BERTH, 'harden', '--yes', '--json', '--only', 'sshd', 'firewall'])).stdout);
    assert.deepEqual(
      report.awaiting.map(({ check }: { check: string }) => check),
      ['sshd', 'firewall'],
    );
    assert.deepEqual(await scanPorts(bench.machine.address, [22, 80, 5432, 9090]), [22, 80, 9090]);
    await waitUntil(async () => (await bench.audit('sshd')).awaiting.length === 0, { what: 'the timers', withinMs: 90_000 });
    assert.equal(await bench.sh('nft list table inet berth'), rules);
    assert.equal(await bench.sh('/usr/sbin/sshd -T'), words);
    assert.deepEqual(await scanPorts(bench.machine.address, [22, 80, 5432, 9090]), [22, 80]);
    const late = await ssh([...BERTH, 'harden', 'confirm', '--json']);
    assert.equal(JSON.parse(late.stdout).error.code, 'HARDEN_NOTHING_TO_CONFIRM');
    await bench.sh('rm /etc/berth/harden.json');
  });

  test('undo opens it again, to exactly what was there', { timeout: 400_000 }, async () => {
    await bench.undo();
    await bench.sh('rm -f /root/other /root/other.pub');
    assert.deepEqual(difference(original, await bench.state()), []);
    assert.deepEqual(await scanPorts(bench.machine.address, [22, 80, 443, 5432, 9090]), [22, 80, 443, 5432, 9090]);
  });

  test('killed at any moment, it finishes when it is run again, and undo restores', { timeout: 900_000 }, async (t) => {
    const seed = Date.now() % 100_000;
    t.diagnostic(`seed ${seed}`);
    const random = createRandom(seed);
    let runs = 0;
    const killAfter = async (words: readonly string[], ms: number): Promise<void> => {
      const unit = `hardening-${(runs += 1)}`;
      const options = ['--quiet', `--unit=${unit}`, '--collect', '--property=KillMode=process'];
      await bench.machine.execOk(['systemd-run', ...options, ...BERTH, ...words]);
      await sleep(ms);
      // It may have ended before.
      await bench.machine.exec(['systemctl', 'kill', '--kill-who=main', '--signal=KILL', `${unit}.service`]);
      await bench.sh(`while systemctl is-active --quiet ${unit}.service; do sleep 0.1; done`);
    };
    for (let round = 0; round < 6; round += 1) await killAfter(['harden', '--yes'], 300 + random.integer(0, 6_000));
    await bench.harden([]);
    const { checks, awaiting } = await bench.audit();
    assert.deepEqual(
      checks.filter(({ finding }) => finding.state === 'wrong').map(({ id }) => id),
      ['listeners'],
    );
    assert.deepEqual(awaiting, []);
    for (let round = 0; round < 3; round += 1) await killAfter(['harden', 'undo', '--yes'], 300 + random.integer(0, 3_000));
    await bench.undo();
    assert.deepEqual(difference(original, await bench.state()), []);
  });
});
