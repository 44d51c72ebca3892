/** One bare machine with real systemd: it becomes a server, is used, broken, repaired, and left as it was. Minutes. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exec, execOk, type ExecResult } from '@berth/host';
import { bootMachine, type Machine, type TemporaryDirectory, temporaryDirectory, whyNoMachine } from '@berth/testing';
import type { InstallEvent } from './install/step.ts';

const MAIN = resolve(import.meta.dirname, '../main.ts');
const EXAMPLES = resolve(import.meta.dirname, '../../../examples');
const ARTIFACT_TOOL = resolve(import.meta.dirname, '../../../tools/artifact/main.ts');
const skip = whyNoMachine() ?? false;

describe('a bare machine becomes a server', { skip, timeout: 1_500_000 }, () => {
  let machine: Machine;
  let laptop: TemporaryDirectory;
  let artifact: string;
  let fingerprint: string;
  let first: string;

  /** As from a laptop: a home of its own, and nobody to ask. */
  const berth = (...words: string[]): Promise<ExecResult> => {
    const env = { PATH: '/usr/bin:/bin', HOME: laptop.path, NO_COLOR: '1', TMPDIR: laptop.path };
    return exec([process.execPath, MAIN, ...words], { env, cwd: '/', timeoutMs: 900_000 });
  };
  const add = (...words: string[]): Promise<ExecResult> =>
    berth(
      'server',
      'add',
      `root@${machine.address}`,
      '-i',
      machine.sshKey,
      '--name',
      'shop',
      '--artifact',
      artifact,
      '--yes',
      ...words,
    );
  const events = ({ stdout }: ExecResult): InstallEvent[] =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as InstallEvent);
  const ended = (result: ExecResult) => events(result).filter((event) => event.kind === 'ended');

  before(async () => {
    laptop = await temporaryDirectory('berth-laptop-');
    const made = await execOk([process.execPath, ARTIFACT_TOOL, '--json'], { timeoutMs: 120_000 });
    artifact = (JSON.parse(made.stdout) as { file: string }).file;
    await execOk(['cp', artifact, laptop.join('artifact.tar.gz')]);
    artifact = laptop.join('artifact.tar.gz');
    machine = await bootMachine({ suite: 'bookworm' });
    first = await stateOf(machine);
  });

  after(async () => {
    await machine?.[Symbol.asyncDispose]();
    await laptop?.[Symbol.asyncDispose]();
  });

  test('a host that is met for the first time is refused with its fingerprint, and nothing is remembered', async () => {
    const { exitCode, stdout } = await add('--json');
    assert.equal(exitCode, 5);
    const { error } = JSON.parse(stdout) as { error: { code: string; fields: { fingerprint: string } } };
    assert.equal(error.code, 'SSH_HOST_KEY_UNKNOWN');
    const { stdout: own } = await machine.execOk(['ssh-keygen', '-lf', '/etc/ssh/ssh_host_ed25519_key.pub']);
    assert.ok(own.includes(error.fields.fingerprint), own);
    fingerprint = error.fields.fingerprint;
    const other = await add('--json', '--accept-host-key', `SHA256:${'A'.repeat(43)}`);
    assert.match(other.stdout, /SSH_HOST_KEY_CHANGED/);
    const again = await add('--json');
    assert.match(again.stdout, /SSH_HOST_KEY_UNKNOWN/);
  });

  test('a dry run says what it would do, and changes nothing', async () => {
    const dry = await add('--dry-run', '--accept-host-key', fingerprint);
    assert.equal(dry.exitCode, 0, dry.stderr);
    assert.match(dry.stderr, /✓ distribution +Debian GNU\/Linux 12/);
    assert.match(dry.stderr, / 1\. send Berth [^]* 2\. install haproxy and nginx[^]* 6\. harden/);
    assert.match(dry.stdout, /nothing was changed/);
    assert.equal(await stateOf(machine), first);
  });

  test('a machine behind a jump host is reached through it', async () => {
    // Whose keys and known hosts are what ssh itself reads: for that it looks into the directory of the user, not into HOME.
    const own = laptop.join('ssh');
    await mkdir(own, { mode: 0o700 });
    const bastion = `Host bastion\n  HostName ${machine.address}\n  User root\n  IdentityFile ${machine.sshKey}\n  IdentitiesOnly yes\n`;
    await writeFile(join(own, 'config'), bastion);
    const bringIn = 'mkdir -p -m 700 "$1" && mount --bind "$0" "$1" && shift && exec "$@"';
    const through = (...words: string[]): Promise<ExecResult> => {
      const argv = ['server', 'add', 'root@127.0.0.1', '--jump', 'bastion', '-i', machine.sshKey, '--dry-run', ...words];
      const command = [process.execPath, MAIN, ...argv, '--artifact', artifact];
      const env = { PATH: '/usr/bin:/bin', HOME: laptop.path, NO_COLOR: '1', TMPDIR: laptop.path };
      const namespace = ['unshare', '--mount', 'sh', '-c', bringIn, own, join(userInfo().homedir, '.ssh')];
      return exec([...namespace, ...command], { env, cwd: '/', timeoutMs: 300_000 });
    };
    const stranger = await through('--json');
    // The key of a jump host is not ours to accept.
    const { error } = JSON.parse(stranger.stdout) as { error: { code: string; fields: { host: string; fingerprint: null } } };
    assert.deepEqual([error.code, error.fields], ['SSH_HOST_KEY_UNKNOWN', { host: machine.address, fingerprint: null }]);
    const { stdout: key } = await machine.execOk(['cat', '/etc/ssh/ssh_host_ed25519_key.pub']);
    await writeFile(join(own, 'known_hosts'), `${machine.address} ${key}`);
    const unknown = await through('--json');
    assert.match(unknown.stdout, /SSH_HOST_KEY_UNKNOWN/);
    const dry = await through('--accept-host-key', fingerprint);
    assert.equal(dry.exitCode, 0, dry.stderr);
    assert.match(dry.stderr, /✓ distribution +Debian GNU\/Linux 12/);
    assert.equal(await stateOf(machine), first);
  });

  const refusals = [
    { name: 'a closed port', words: ['--ssh-port', '2222'], code: /SSH_REFUSED/ },
    { name: 'a key that is not there', words: ['-i', '/nowhere/key'], code: /SSH_IDENTITY_UNUSABLE/ },
    { name: 'a name that leads nowhere', host: 'root@nowhere.invalid', words: [], code: /SSH_HOST_NOT_FOUND/ },
  ];
  for (const { name, host, words, code } of refusals)
    test(`${name} is said`, async () => {
      const { stdout, exitCode } = await berth('server', 'add', host ?? `root@${machine.address}`, '--json', '--yes', ...words);
      assert.match(stdout, code);
      assert.equal(exitCode, 5);
    });

  test('a key that the server does not know is refused, and named', async () => {
    await execOk(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', laptop.join('stranger')]);
    const { stdout } = await berth('server', 'add', `root@${machine.address}`, '--json', '--yes', '-i', laptop.join('stranger'));
    assert.match(stdout, /SSH_KEY_REFUSED.*stranger SHA256:/);
  });

  test('what cannot become a server is refused with all its reasons, and changed in nothing', async () => {
    const server = 'import socket; s=socket.create_server(("0.0.0.0",80)); print("up", flush=True); s.accept()';
    const hasPython = (await machine.exec(['sh', '-c', 'command -v python3'])).exitCode === 0;
    const occupant = hasPython ? ['python3', '-c', server] : ['perl', '-MIO::Socket::INET', '-e', PERL_LISTENER];
    await machine.execOk(['systemd-run', '--unit=occupant', ...occupant]);
    try {
      const refused = await add();
      assert.match(refused.stderr, /✗ port 80 +(?:perl|python3) listens there/);
      assert.match(refused.stderr, /SERVER_UNFIT/);
    } finally {
      await machine.execOk(['systemctl', 'stop', 'occupant']);
    }
    assert.equal(await stateOf(machine), first);
  });

  test('server add makes it one, and ends with a table of checks', async (t) => {
    const added = await add();
    assert.equal(added.exitCode, 0, `${added.stderr}${added.stdout}`);
    for (const check of ['berthd', 'edge on 80', 'edge on 443', 'other ports', 'sshd', 'firewall', 'upgrades', 'fail2ban'])
      assert.match(added.stdout, new RegExp(`^${check} +ok`, 'm'));
    assert.match(added.stderr, /coming in over a new connection, to confirm sshd and firewall/);
    t.diagnostic(added.stdout.trim().split('\n').at(-1) ?? '');
    const { stdout: active } = await machine.exec(['systemctl', 'is-active', 'haproxy', 'nginx']);
    assert.deepEqual(active.trim().split('\n'), ['inactive', 'inactive']);
  });

  test('server ls and server status know it', async () => {
    const list = await berth('server', 'ls');
    assert.match(list.stdout, new RegExp(`shop +root@${machine.address} +\\d+\\.\\d+\\.\\d+-[0-9a-f]{8}`));
    const status = await berth('server', 'status', 'shop', '--json');
    assert.equal(status.exitCode, 0, status.stdout);
    const [one] = (JSON.parse(status.stdout) as { servers: { berthd: string; edge: string; version: string }[] }).servers;
    assert.deepEqual([one?.berthd, one?.edge], ['active', 'up']);
  });

  test('an app is deployed from here and answers on the public address', async () => {
    const deployed = await berth('deploy', join(EXAMPLES, 'chat'), '--on', 'shop');
    assert.equal(deployed.exitCode, 0, `${deployed.stderr}${deployed.stdout}`);
    assert.match(deployed.stderr, /^on shop$/m);
    const { status, text } = await get(machine.address, 'chat.localhost', '/healthz');
    assert.equal(status, 200, text);
    const ps = await berth('ps', '--on', 'shop', '--json');
    const [app] = (JSON.parse(ps.stdout) as { apps: { app: string; state: string }[] }).apps;
    assert.deepEqual([app?.app, app?.state], ['chat', 'running']);
  });

  test('a command there has our input, our output and its own exit code', async () => {
    const argv = [process.execPath, MAIN, 'run', '--on', 'shop', 'chat', '--', 'sh', '-c', 'cat; id -un; exit 7'];
    const env = { PATH: '/usr/bin:/bin', HOME: laptop.path };
    const ran = await exec(argv, { env, input: 'from here\n', timeoutMs: 60_000 });
    assert.equal(ran.stdout, 'from here\nberth-chat\n', ran.stderr);
    assert.equal(ran.exitCode, 7);
  });

  test('a command about the machine is run on it', async () => {
    const audit = await berth('audit', '--on', 'shop', '--json');
    const { checks } = JSON.parse(audit.stdout) as { checks: { id: string; finding: { state: string } }[] };
    assert.equal(checks.find(({ id }) => id === 'firewall')?.finding.state, 'ok');
    const doctor = await berth('doctor', '--on', 'shop');
    assert.match(doctor.stdout, /berth target add --on shop /, 'what it tells to type gets there from here');
  });

  test('the default is chosen, said, and left again', async () => {
    await berth('server', 'use', 'shop');
    const there = await berth('ps');
    assert.match(there.stderr, /^on shop$/m);
    const here = await berth('ps', '--on', 'local');
    assert.match(here.stderr, /PLATFORM_NOT_RUNNING|PLATFORM_NEVER_STARTED/);
    await berth('server', 'use', 'local');
  });

  test('another computer gets to know it, and changes nothing', async () => {
    const other = laptop.join('other');
    const env = { PATH: '/usr/bin:/bin', HOME: other, NO_COLOR: '1' };
    const words = [`root@${machine.address}`, '-i', machine.sshKey, '--name', 'shop', '--accept-host-key', fingerprint];
    const { stdout } = await execOk([process.execPath, MAIN, 'server', 'add', ...words, '--remember'], { env });
    assert.match(stdout, /^shop is known here .*; nothing was changed there$/m);
    await execOk([process.execPath, MAIN, 'ps', '--on', 'shop'], { env });
  });

  test('a second server add finds nothing to do', async () => {
    const again = await add('--json');
    assert.equal(again.exitCode, 0, again.stdout);
    assert.deepEqual(
      ended(again).map(({ step, state }) => `${step} ${state}`),
      ['packages', 'program', 'users', 'home', 'daemon', 'settings', 'versions', 'hardening'].map((step) => `${step} already`),
    );
  });

  test('what was broken is repaired, and said', async () => {
    const breakage = `rm /etc/systemd/system/berthd.service && systemctl daemon-reload && systemctl stop berthd
      chmod 0700 /var/lib/berth; rm /usr/local/bin/berth; rm /usr/lib/berth/current/package.json`;
    await machine.execOk(['sh', '-c', breakage]);
    const repaired = await add('--json');
    assert.equal(repaired.exitCode, 0, repaired.stdout);
    const said = ended(repaired).filter(({ state }) => state === 'repaired');
    const changes = said.flatMap((event) => event.changes).join('\n');
    assert.deepEqual(
      said.map(({ step }) => step),
      ['program', 'home', 'daemon'],
    );
    assert.match(changes, /link \/usr\/local\/bin\/berth/);
    assert.match(changes, /set the mode of \/var\/lib\/berth to 0711 \(it was 0700\)/);
    assert.match(changes, /write \/etc\/systemd\/system\/berthd\.service/);
    assert.ok(repaired.stdout.includes('"kind":"sent"'), 'a program that was damaged is brought again');
    const { status } = await get(machine.address, 'chat.localhost', '/healthz');
    assert.equal(status, 200);
  });

  test('a host whose key changed is refused', async () => {
    const keys = '/etc/ssh/ssh_host_ed25519_key';
    await machine.execOk(['sh', '-c', `cp -a ${keys} /root/key; cp -a ${keys}.pub /root/key.pub; rm ${keys} ${keys}.pub`]);
    await machine.execOk(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', keys]);
    try {
      const refused = await berth('ps', '--on', 'shop', '--json');
      assert.match(refused.stdout, /SSH_HOST_KEY_CHANGED/);
      assert.equal(refused.exitCode, 5);
    } finally {
      await machine.execOk(['sh', '-c', `mv /root/key ${keys}; mv /root/key.pub ${keys}.pub`]);
    }
    assert.equal((await berth('ps', '--on', 'shop')).exitCode, 0);
  });

  test('server rm leaves the machine as it was', async () => {
    const unasked = await berth('server', 'rm', 'shop', '--purge');
    assert.match(unasked.stderr, /CLI_CONFIRMATION_NEEDED/);
    const removed = await berth('server', 'rm', 'shop', '--purge', '--undo-hardening', '--yes');
    assert.equal(removed.exitCode, 0, `${removed.stderr}${removed.stdout}`);
    assert.equal(await leftOf(machine), '');
    assert.deepEqual(await listening(machine), ['22']);
    assert.match((await berth('server', 'ls')).stdout, /no servers yet/);
  });
});

const PERL_LISTENER = 'my $s = IO::Socket::INET->new(LocalPort => 80, Listen => 1, ReuseAddr => 1) or die $!; $s->accept';

/** What a dry run may not change: packages, units, users, what listens, and every file of /etc, /usr/lib/berth and /var/lib. */
const stateOf = async (machine: Machine): Promise<string> => {
  const script = `dpkg-query -W; systemctl list-unit-files --no-legend --no-pager; getent passwd
    find /etc /usr/local /var/lib /usr/lib/berth -xdev -not -path '/var/lib/systemd/*' -printf '%p %m %U %s %T@\\n' 2>/dev/null | sort
    awk '$4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6 | sort`;
  return (await machine.execOk(['sh', '-c', script])).stdout;
};

/** Everything of ours that could be left, a line each. */
const leftOf = async (machine: Machine): Promise<string> => {
  const script = `ls -d /usr/lib/berth /var/lib/berth /var/cache/berth /etc/berth /usr/local/bin/berth 2>/dev/null
    grep -rl 'Berth' /etc --include='*.service' --include='*.conf' --include='*.nft' --include='*.local' 2>/dev/null
    getent passwd | grep -i berth; ps -eo args | grep -E '^(/usr/lib/berth|/var/lib/berth|haproxy|nginx)|^[^ ]*/(haproxy|nginx) '; systemctl list-units --plain --no-legend 'berth*' 'chat*'; true`;
  return (await machine.execOk(['sh', '-c', script])).stdout;
};

const listening = async (machine: Machine): Promise<string[]> => {
  const { stdout } = await machine.execOk(['sh', '-c', `awk '$4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6`]);
  const ports = stdout
    .trim()
    .split('\n')
    .map((where) => String(Number.parseInt(where.split(':')[1] ?? '', 16)));
  return [...new Set(ports)];
};

const get = (address: string, host: string, path: string): Promise<{ status: number | undefined; text: string }> =>
  new Promise((done, failed) => {
    const options = {
      host: address,
      port: 443,
      path,
      servername: host,
      headers: { host },
      rejectUnauthorized: false,
      agent: false,
    };
    const asked = request(options, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.once('end', () => done({ status: response.statusCode, text }));
    });
    asked.once('error', failed);
    asked.end();
  });
