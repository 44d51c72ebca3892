import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { type RecordedResult, recordingExec, type TemporaryDirectory, temporaryDirectory } from '@berth/testing';
import { downloadedBytes, finishKilledInstall, installWithApt, wasInstallKilled } from './apt-install.ts';
import { plannedPackages } from './apt-unpack.ts';
import { silentLogger } from './log.ts';
import { ensureRestic, ensureTools, installCommand, isAtLeast } from './tools.ts';

const addProgram = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
};

/** Answers like HAProxy and nginx, and like an apt whose packages hold just the programs. */
const answering = (haproxyVersion = '2.6.12-1+deb12u4') =>
  recordingExec((argv, options): Partial<RecordedResult> => {
    const [program = ''] = argv;
    if (program.endsWith('haproxy')) return { stdout: `HAProxy version ${haproxyVersion} 2024/01/01 - https://haproxy.org/\n` };
    if (program.endsWith('restic')) return { stdout: 'restic 0.14.0 compiled with go1.19.8 on linux/amd64\n' };
    if (program.endsWith('nginx')) return { stderr: 'nginx version: nginx/1.22.1\n' };
    if (argv.includes('--simulate'))
      return { stdout: 'Inst liblua5.3-0 (5.3.6-2 Debian)\nInst haproxy (2.6.12 Debian)\nConf haproxy\n' };
    if (argv.includes('download')) writeFileSync(`${(options as { cwd: string }).cwd}/haproxy.deb`, 'x'.repeat(1_000));
    if (program === 'dpkg-deb') {
      const root = argv.at(-1) ?? '';
      for (const name of ['haproxy', 'nginx']) addProgram(`${root}/usr/sbin/${name}`);
      addProgram(`${root}/usr/bin/restic`);
      addProgram(`${root}/usr/lib/x86_64-linux-gnu/liblua5.3.so.0`);
    }
    return {};
  });

const optionsIn = (directory: TemporaryDirectory) => ({
  parts: directory.join('parts'),
  uid: 1000,
  path: directory.join('bin'),
  log: silentLogger,
  osRelease: 'ID=debian\nVERSION_ID="12"\n',
});

test('programs of the machine are used as they are, and nothing is installed', async () => {
  await using directory = await temporaryDirectory();
  for (const name of ['haproxy', 'nginx']) addProgram(directory.join('bin', name));
  const exec = answering();
  const tools = await ensureTools({ ...optionsIn(directory), exec });
  assert.equal(tools.haproxy, directory.join('bin', 'haproxy'));
  assert.deepEqual(tools.versions, { haproxy: '2.6.12', nginx: '1.22.1' });
  assert.deepEqual([tools.env, tools.installed, tools.bytes], [{}, [], 0]);
  assert.deepEqual(
    exec.calls.map(({ argv }) => argv),
    [
      [tools.haproxy, '-v'],
      [tools.nginx, '-v'],
    ],
  );
});

test('without root, packages are unpacked below the home once, and run with their libraries', async () => {
  await using directory = await temporaryDirectory();
  const options = { ...optionsIn(directory), useSystem: false };
  const tools = await ensureTools({ ...options, exec: answering() });
  assert.equal(tools.haproxy, directory.join('parts/usr/sbin/haproxy'));
  assert.deepEqual(tools.env, { LD_LIBRARY_PATH: directory.join('parts/usr/lib/x86_64-linux-gnu') });
  assert.deepEqual([tools.installed, tools.bytes], [['liblua5.3-0', 'haproxy'], 1_000]);
  assert.deepEqual(readdirSync(directory.join('parts')), ['usr']);

  const again = answering();
  const { installed, env } = await ensureTools({ ...options, exec: again });
  assert.deepEqual([installed, env], [[], tools.env]);
  assert.equal(again.calls.length, 2);
});

test('a download that fails leaves nothing behind and says what apt said', async () => {
  await using directory = await temporaryDirectory();
  const exec = recordingExec((argv) => (argv.includes('download') ? { exitCode: 100, stderr: 'E: Failed to fetch' } : {}));
  await assert.rejects(ensureTools({ ...optionsIn(directory), useSystem: false, exec }), {
    code: 'COMMAND_FAILED',
    message: /E: Failed to fetch/,
  });
  assert.deepEqual(readdirSync(directory.join('parts')), []);
});

test('where apt is not at home the error names the command', async () => {
  await using directory = await temporaryDirectory();
  const ensured = ensureTools({ ...optionsIn(directory), useSystem: false, osRelease: 'ID=fedora\n', exec: answering() });
  await assert.rejects(ensured, { code: 'TOOLS_MISSING', hint: 'run: sudo dnf install haproxy nginx' });
});

test('a program that does not run is not taken', async () => {
  await using directory = await temporaryDirectory();
  for (const name of ['haproxy', 'nginx']) addProgram(directory.join('bin', name));
  const exec = recordingExec(() => ({ exitCode: 127, stderr: 'error while loading shared libraries: liblua5.3.so.0' }));
  await assert.rejects(ensureTools({ ...optionsIn(directory), exec }), { code: 'TOOLS_MISSING', message: /liblua5\.3\.so\.0/ });
});

describe('restic is brought when it is needed', () => {
  test('as it is, where the machine has it', async () => {
    await using directory = await temporaryDirectory();
    addProgram(directory.join('bin', 'restic'));
    const exec = answering();
    const restic = await ensureRestic({ ...optionsIn(directory), exec });
    assert.deepEqual([restic.path, restic.version, restic.env], [directory.join('bin', 'restic'), '0.14.0', {}]);
    assert.deepEqual(
      exec.calls.map(({ argv }) => argv),
      [[restic.path, 'version']],
    );
  });

  test('unpacked below the home without root', async () => {
    await using directory = await temporaryDirectory();
    const exec = answering();
    const restic = await ensureRestic({ ...optionsIn(directory), useSystem: false, exec });
    assert.equal(restic.path, directory.join('parts/usr/bin/restic'));
    const planned = exec.calls.find(({ argv }) => argv.includes('--simulate'))?.argv;
    assert.equal(planned?.at(-1), 'restic');
  });

  test('by a person, where apt is not at home', async () => {
    await using directory = await temporaryDirectory();
    const ensured = ensureRestic({ ...optionsIn(directory), useSystem: false, osRelease: 'ID=fedora\n', exec: answering() });
    await assert.rejects(ensured, { code: 'TOOLS_MISSING', hint: 'run: sudo dnf install restic' });
  });

  test('unless it is too old to compress', async () => {
    await using directory = await temporaryDirectory();
    addProgram(directory.join('bin', 'restic'));
    const exec = recordingExec(() => ({ stdout: 'restic 0.12.1 compiled with go1.18' }));
    await assert.rejects(ensureRestic({ ...optionsIn(directory), exec }), { code: 'TOOL_TOO_OLD', message: /0\.12\.1/ });
  });
});

test('an old HAProxy is refused', async () => {
  await using directory = await temporaryDirectory();
  for (const name of ['haproxy', 'nginx']) addProgram(directory.join('bin', name));
  await assert.rejects(ensureTools({ ...optionsIn(directory), exec: answering('2.4.24-0ubuntu0.22.04.1') }), {
    code: 'TOOL_TOO_OLD',
    message: /2\.4\.24/,
  });
});

describe('services are not started while packages are installed', () => {
  /** A machine on which haproxy comes with a service, and `install` does as it is told. */
  const machineWith = (install: () => { exitCode?: number; stderr?: string }) => {
    let installed = false;
    return recordingExec((argv) => {
      if (argv.includes('--show')) return { stdout: `ii  nginx\n${installed ? 'ii  haproxy\n' : ''}` };
      if (argv.includes('--listfiles')) return { stdout: '/lib/systemd/system/haproxy.service\n' };
      if (!argv.includes('install')) return {};
      installed = true;
      return install();
    });
  };
  const switchedOff = ({ calls }: ReturnType<typeof recordingExec>): readonly string[] =>
    calls.map(({ argv }) => argv.join(' ')).filter((line) => line.startsWith('systemctl'));
  const installing = (exec: ReturnType<typeof recordingExec>, policy: string) =>
    installWithApt(['haproxy'], { exec, log: silentLogger, signal: undefined, policy });

  test('and may be started again afterwards, also when installing failed; what had come by then is off', async () => {
    await using directory = await temporaryDirectory();
    const policy = directory.join('policy-rc.d');
    const exec = machineWith(() => {
      assert.match(readFileSync(policy, 'utf8'), /exit 101/);
      assert.ok(statSync(policy).mode & 0o100);
      return { exitCode: 100, stderr: 'no network' };
    });
    await assert.rejects(installing(exec, policy), /no network/);
    assert.ok(!existsSync(policy));
    assert.ok(switchedOff(exec).some((line) => line.endsWith('haproxy.service')));
  });

  test('and a policy of somebody else is left as it is', async () => {
    await using directory = await temporaryDirectory();
    const policy = directory.join('policy-rc.d');
    writeFileSync(policy, '#!/bin/sh\nexit 104\n');
    await installing(
      machineWith(() => ({})),
      policy,
    );
    const exec = recordingExec();
    await finishKilledInstall({ exec, log: silentLogger, policy });
    assert.deepEqual(exec.calls, []);
    assert.match(readFileSync(policy, 'utf8'), /exit 104/);
  });

  test('and what a killed installation left is finished: its services are off, the policy goes last', async () => {
    await using directory = await temporaryDirectory();
    const policy = directory.join('policy-rc.d');
    let left = '';
    await installing(
      machineWith(() => {
        left = readFileSync(policy, 'utf8');
        return {};
      }),
      policy,
    );
    writeFileSync(policy, left);
    assert.ok(wasInstallKilled(policy));
    const seen: string[] = [];
    const exec = recordingExec((argv) => {
      if (argv.includes('check') || argv[0] === 'systemctl') seen.push(`${argv.includes('check') ? 'check' : argv.at(-1)}`);
      assert.ok(existsSync(policy));
      if (argv.includes('check')) return { exitCode: 100, stderr: 'E: Unmet dependencies' };
      if (argv.includes('--show')) return { stdout: 'ii  haproxy\nii  nginx\n' };
      if (argv.includes('--listfiles')) {
        assert.deepEqual(argv.slice(2), ['haproxy'], 'what was there before is not ours');
        return { stdout: '/lib/systemd/system/haproxy.service\n' };
      }
      return {};
    });
    await finishKilledInstall({ exec, log: silentLogger, policy });
    assert.equal(seen[0], 'check', 'an apt that is still at work is waited for first');
    assert.equal(seen[1], 'haproxy.service');
    assert.ok(!wasInstallKilled(policy));
  });

  test('and one of a release that did not say what was there before is removed', async () => {
    await using directory = await temporaryDirectory();
    const policy = directory.join('policy-rc.d');
    writeFileSync(policy, '#!/bin/sh\n# Written by Berth while it installs packages; it may be removed.\nexit 101\n');
    const exec = recordingExec();
    await finishKilledInstall({ exec, log: silentLogger, policy });
    assert.deepEqual(switchedOff(exec), []);
    assert.ok(!existsSync(policy));
  });
});

test('as root, lists are fetched when the first try fails, and only units that came with the packages are switched off', async () => {
  let tries = 0;
  let installed = false;
  const exec = recordingExec((argv) => {
    if (argv.includes('--show')) return { stdout: `ii  nginx\n${installed ? 'ii  haproxy\nii  liblua5.3-0\nrc  old\n' : ''}` };
    if (argv.includes('--listfiles'))
      return { stdout: '/usr/sbin/haproxy\n/lib/systemd/system/haproxy.service\n/lib/systemd/system/x@.service\n' };
    if (!argv.includes('install')) return {};
    if (tries++ === 0) return { exitCode: 100, stderr: 'E: Unable to locate package haproxy' };
    installed = true;
    return { stdout: 'Need to get 2,314 kB/2,400 kB of archives.\n' };
  });
  const brought = await installWithApt(['haproxy'], { exec, log: silentLogger, signal: undefined, policy: '/dev/null' });
  assert.deepEqual(brought, { installed: ['haproxy', 'liblua5.3-0'], bytes: 2_314_000 });
  const words = exec.calls.map(({ argv }) => argv.join(' '));
  assert.deepEqual(
    words.filter((line) => line.includes('apt-get')).map((line) => line.match(/ (install|update)/)?.[1]),
    ['install', 'update', 'install'],
  );
  assert.ok(words.includes('dpkg-query --listfiles haproxy liblua5.3-0'));
  const switched = words.filter((line) => line.startsWith('systemctl'));
  assert.ok(
    switched.every((line) => line.endsWith(' haproxy.service')),
    switched.join(),
  );
});

describe('apt says how much it downloads', () => {
  const cases = [
    { output: 'Need to get 2,314 kB of archives.', bytes: 2_314_000 },
    { output: 'Need to get 12.3 MB/14.0 MB of archives.', bytes: 12_300_000 },
    { output: 'Need to get 0 B/2574 kB of archives.', bytes: 0 },
    { output: 'haproxy is already the newest version', bytes: 0 },
  ];
  for (const { output, bytes } of cases) test(output, () => assert.equal(downloadedBytes(output), bytes));
});

test('the packages of a simulated installation', () => {
  const output =
    'Reading package lists...\nInst libssl3 [3.0.1] (3.0.2 Debian [amd64])\nInst haproxy (2.6 Debian [amd64])\nConf libssl3 (3.0.2)\n';
  assert.deepEqual(plannedPackages(output), ['libssl3', 'haproxy']);
});

describe('the command that installs them', () => {
  const cases = [
    { osRelease: 'ID=ubuntu\nID_LIKE=debian\n', command: 'sudo apt-get install haproxy nginx' },
    { osRelease: 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', command: 'sudo dnf install haproxy nginx' },
    { osRelease: 'ID=arch\n', command: 'sudo pacman -S haproxy nginx' },
    { osRelease: 'ID=alpine\n', command: 'sudo apk add haproxy nginx' },
    { osRelease: 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', command: 'sudo zypper install haproxy nginx' },
    { osRelease: '', command: 'install haproxy and nginx with your system’s package manager' },
  ];
  for (const { osRelease, command } of cases)
    test(command, () => assert.equal(installCommand(osRelease, ['haproxy', 'nginx']), command));
});

test('versions are compared by number', () => {
  const answers = ['2.6.0', '2.10.1', '3.0', '2.5.9', '1.9'].map((version) => isAtLeast(version, '2.6'));
  assert.deepEqual(answers, [true, true, true, false, false]);
});
