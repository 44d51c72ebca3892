/**
 * The story of a registry that nobody here wrote: people publish and install all the time, with the real npm and with
 * bare requests, while it is deployed, rolled back and killed, and the daemon is killed. No call fails, nothing is lost.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readProcess } from '@berth/host';
import { waitUntil } from '@berth/testing';
import { Platform, type Receipt } from '../../bench/platform.ts';
import { ClientLoops } from './client-loop.ts';
import { npmSettings } from '../harness/npm-settings.ts';
import { Publications } from './publications.ts';
import { addUser, NpmClient, type RegistryAddress } from './registry-client.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/verdaccio');
const ROUNDS = process.env.BERTH_DOSE === 'torture' ? 20 : 1;
const CALLS_BETWEEN = 2;
const CALLS_MS = 60_000;

test('a private registry serves every call and keeps every package through deploys, rollbacks, crashes and a killed daemon', async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'berth-e2e-registry-'));
  t.after(() => rmSync(scratch, { recursive: true, force: true }));
  const source = join(scratch, 'verdaccio');
  cpSync(EXAMPLE, source, { recursive: true, filter: (from) => !from.endsWith('node_modules') });
  writeFileSync(join(source, '.npmrc'), npmSettings());

  await using platform = await Platform.start([source]);
  const address = addressOf(platform, scratch);
  const token = await addUser(address, 'amy');
  const npm = new NpmClient(scratch, address, token);
  const publications = new Publications(address);
  await publications.publishOverHttp('first', '1.0.0', token);

  const loops = new ClientLoops();
  loops.start('npm', (number) => publishAndInstall(npm, publications, number), 50);
  loops.start('publish', (number) => publications.publishOverHttp('parcel', `1.0.${number}`, token), 100);
  loops.start('download', () => publications.download(), 20);
  try {
    await loops.more(1, CALLS_MS);

    for (let round = 1; round <= ROUNDS; round += 1) {
      await t.test(`a deploy and a rollback, round ${round}`, async () => {
        retitle(source, `Registry ${round}`);
        expectServing(await platform.deploy(source));
        await loops.more(CALLS_BETWEEN, CALLS_MS);
        expectServing(await platform.rollback('verdaccio'));
        await loops.more(CALLS_BETWEEN, CALLS_MS);
        assert.deepEqual(loops.failed, []);
      });

      await t.test(`the registry is killed and comes back, round ${round}`, async () => {
        const before = await instancePid(platform);
        // A process that is being killed still takes requests for some milliseconds; those are in the middle of it too.
        await loops.betweenCalls(() => killAndWait(before));
        await loops.more(CALLS_BETWEEN, CALLS_MS);
        assert.notEqual(await instancePid(platform), before);
        assert.deepEqual(loops.failed, []);
      });

      await t.test(
        `the daemon is killed, nobody notices, and the next command finds everything as it was, round ${round}`,
        async () => {
          const instance = await instancePid(platform);
          process.kill((await platform.status()).daemon.pid, 'SIGKILL');
          await loops.more(CALLS_BETWEEN, CALLS_MS);
          assert.equal(await instancePid(platform), instance, 'the instance was adopted, not started again');
          retitle(source, `Registry ${round}, after the daemon`);
          expectServing(await platform.deploy(source));
          await loops.more(CALLS_BETWEEN, CALLS_MS);
          assert.deepEqual(loops.failed, []);
        },
      );
    }
  } finally {
    await loops.stop();
  }

  await t.test('every package that was acknowledged is there, byte by byte', async () => {
    assert.deepEqual(loops.failed, []);
    assert.ok(publications.count > 10, `${publications.count} packages`);
    await publications.verifyAll();
    t.diagnostic(
      `${loops.calls('npm')} npm publish and install, ${loops.calls('publish')} publish and ${loops.calls('download')} download requests, 0 failed`,
    );
  });

  await t.test('a crash in the middle of calls loses nothing that was acknowledged', async () => {
    const crashed = new ClientLoops();
    // Four at a time, so that the kill meets some; those may fail, and their clients would try again. Each call is for a
    // package of its own: the registry's lock on the one that it was writing outlives it, and keeps that one for minutes.
    for (const lane of ['a', 'b', 'c', 'd'])
      crashed.start(lane, (number) => publications.publishOverHttp(`lane-${lane}-${number}`, '1.0.0', token), 0);
    try {
      await crashed.more(3, CALLS_MS);
      process.kill(await instancePid(platform), 'SIGKILL');
      await sleep(1); // a turn of the loop: calls that were under way learn of it
      await crashed.more(3, CALLS_MS);
    } finally {
      await crashed.stop();
    }
    // The kernel closes the sockets of a process that was killed one after the other: a client whose call was cut off first may
    // have begun its next one before the last of them, that of the listener, was closed.
    const most = 2 * 4;
    assert.ok(crashed.failed.length <= most, `more than was under way: ${JSON.stringify(crashed.failed)}`);
    await publications.verifyAll();
  });
});

async function killAndWait(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  // Not when it is a zombie: its other threads may then still have the sockets open.
  await waitUntil(() => readProcess(pid) === null, { what: `process ${pid} to be gone` });
}

async function publishAndInstall(npm: NpmClient, publications: Publications, number: number): Promise<void> {
  await npm.publish('crate', `1.0.${number}`);
  await publications.remember('crate', `1.0.${number}`);
  await npm.install('crate', `1.0.${number}`);
}

function addressOf(platform: Platform, scratch: string): RegistryAddress {
  const { port, host, ca } = platform.endpoint('verdaccio');
  assert.ok(ca !== null && ca !== '', 'berth up names its root certificate');
  const caFile = join(scratch, 'ca.pem');
  writeFileSync(caFile, ca);
  return { port, host, ca, caFile };
}

function retitle(source: string, title: string): void {
  const file = join(source, 'config.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/title: .*/, `title: ${title}`));
}

function expectServing(receipt: Receipt): void {
  assert.equal(receipt.ok, true);
  assert.equal(receipt.requests.failed, 0, 'the receipt counts no failed request');
}

async function instancePid(platform: Platform): Promise<number> {
  const pid = (await platform.status()).apps[0]?.services[0]?.instances[0]?.pid;
  assert.ok(typeof pid === 'number', 'the registry has one running instance');
  return pid;
}
