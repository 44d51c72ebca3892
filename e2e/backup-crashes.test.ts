/**
 * Processes that are killed and disks that are full while data is copied away: the app is never blocked, nothing that was
 * committed is lost, and what is wrong is named until it is over.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createS3Server, temporaryDirectory, waitUntil } from '@berth/testing';
import { berth } from './harness/command.ts';
import { Ledger } from './harness/ledger.ts';
import { StoryPlatform } from './harness/platform.ts';
import { killProcess, replicatorsOf } from './harness/processes.ts';
import {
  addS3,
  assertRestoreEqualsSource,
  BUCKET,
  eventOfFar,
  homeWithSmallState,
  lineagesAt,
  mountAt,
  newestEvent,
  underLoad,
} from './harness/target-faults.ts';

const KILLS = process.env.BERTH_DOSE === 'torture' ? 40 : 6;
const needsRoot = process.getuid?.() === 0 ? false : 'mounting a file system needs root';

// Each on a platform of its own: they wait for it most of the time.
describe('while data is copied away', { concurrency: true }, () => {
  test('processes that are killed in turns under load: replication goes on where it was', async (t) => {
    await using far = await temporaryDirectory();
    await using platform = await StoryPlatform.open({ tls: 'off' });
    const ledger = new Ledger(platform);
    assert.equal((await ledger.deploy()).error, null);
    const vault = join(far.path, 'vault');
    await ledger.berth(['target', 'add', `dir:${vault}`, '--name', 'far']);
    await ledger.untilSafe('far');
    const lineages = lineagesAt(vault, platform);
    await underLoad(t, ledger, async (writers) => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        await writers.more(50);
        if (kill % 2 === 0) {
          const [pid = 0] = replicatorsOf(platform.home);
          killProcess(pid);
          await waitUntil(() => replicatorsOf(platform.home).some((it) => it !== pid), { what: 'another one', withinMs: 30_000 });
        } else {
          await platform.kill();
          await writers.more(50);
          await platform.start();
        }
      }
    });
    await waitUntil(() => replicatorsOf(platform.home).length === 1, { what: 'one process copied', withinMs: 30_000 });
    await assertRestoreEqualsSource(ledger, 'far');
    assert.deepEqual(lineagesAt(vault, platform), lineages, 'no complete copy was made again');
  });

  describe('a full disk', { skip: needsRoot, concurrency: true }, () => {
    test('at the target: told with its cause, the app goes on, and all is there once there is room', async (t) => {
      await using far = await temporaryDirectory();
      await using platform = await StoryPlatform.open({ tls: 'off' });
      await using disk = await mountAt(far.path, 30);
      const ledger = new Ledger(platform);
      assert.equal((await ledger.deploy()).error, null);
      const vault = join(far.path, 'vault');
      await ledger.berth(['target', 'add', `dir:${vault}`, '--name', 'far']);
      await ledger.untilSafe('far');
      const since = await newestEvent(platform);
      await underLoad(t, ledger, async (writers) => {
        await ledger.fill(40, 'big');
        const { fields } = await eventOfFar(platform, 'store.late', { since, withinMs: 90_000 });
        assert.equal(fields['code'], 'TARGET_FULL', JSON.stringify(fields));
        assert.match((await berth(platform.home, ['ps'])).stdout, /ledger\/db: .*has no room/);
        await writers.more(50);
        await disk.resize(300);
        await eventOfFar(platform, 'store.caught-up', { since, withinMs: 90_000 });
      });
      await assertRestoreEqualsSource(ledger, 'far');
    });

    test('where changes wait for their target: the app goes on, and all is there once the target is back', async (t) => {
      await using server = await createS3Server({ buckets: [BUCKET] });
      const home = await homeWithSmallState(30, (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }));
      await using platform = await StoryPlatform.open({ tls: 'off', home });
      const ledger = new Ledger(platform);
      assert.equal((await ledger.deploy()).error, null);
      await addS3(ledger, server);
      await ledger.add('before');
      await ledger.backup('before');
      await underLoad(t, ledger, async (writers) => {
        {
          using _outage = server.faults.during({ fault: { kind: 'status', status: 503 } });
          for (let part = 0; part < 4; part += 1) await ledger.fill(15, `big${part}.`);
          const isTold = async () => (await ledger.status()).stores[0]?.reason;
          const reason = await waitUntil(isTold, { what: 'a reason was named', withinMs: 60_000, everyMs: 500 });
          t.diagnostic(`reason: ${reason}`);
          await writers.more(50);
        }
        await home.resize(300);
        await writers.more(50);
      });
      await assertRestoreEqualsSource(ledger, 'far');
      await assertRestoreEqualsSource(ledger, 'local');
    });
  });
});
