/**
 * An object store that fails, hangs, lies and comes back, under load: the app is never blocked, the cause is named where people
 * look, memory stays bounded, and in the end nothing is missing.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createS3Server, type S3Fault, type S3Kind, type S3Server, waitUntil } from '@berth/testing';
import { berth } from './harness/command.ts';
import { Ledger } from './harness/ledger.ts';
import { StoryPlatform } from './harness/platform.ts';
import {
  addS3,
  assertRestoreEqualsSource,
  BUCKET,
  eventOfFar,
  eventsSince,
  newestEvent,
  storeId,
  underLoad,
} from './harness/target-faults.ts';

const isTorture = process.env.BERTH_DOSE === 'torture';
const WRITES = isTorture ? 3_000 : 300;

// Each on a platform of its own: one waits for minutes until it is late.
describe('an object store', { concurrency: true }, () => {
  describe('for a while', { concurrency: 1 }, () => {
    let story: Story;
    before(async () => {
      story = await openStory();
    });
    after(() => story[Symbol.asyncDispose]());

    const PUTS: readonly S3Kind[] = ['PutObject', 'UploadPart'];
    const faults: { what: string; fault: S3Fault; kinds?: readonly S3Kind[] }[] = [
      { what: 'answers 500', fault: { kind: 'status', status: 500 } },
      { what: 'never answers', fault: { kind: 'hang' } },
      { what: 'cuts connections in the middle of what is sent', fault: { kind: 'reset', afterBytes: 200 }, kinds: PUTS },
      { what: 'ends its answers early', fault: { kind: 'truncate', bytes: 10 } },
      { what: 'stores, and does not say so', fault: { kind: 'lose-response' }, kinds: PUTS },
      { what: 'denies access', fault: { kind: 'status', status: 403 } },
    ];
    for (const { what, fault, kinds } of faults)
      test(`that ${what} for a while holds up nobody, and has everything afterwards`, async (t) => {
        const { server, ledger } = story;
        await underLoad(t, ledger, async (writers) => {
          await writers.more(WRITES / 3);
          {
            using _outage = server.faults.during({ fault, ...(kinds && { kinds }) });
            await writers.more(WRITES);
          }
          await writers.more(WRITES / 3);
        });
        await assertRestoreEqualsSource(ledger, 'far');
      });

    test('that loses a write which it acknowledged has everything afterwards, or says what it lacks', async (t) => {
      const { server, platform, ledger } = story;
      const since = await newestEvent(platform);
      const id = storeId(platform);
      await underLoad(t, ledger, async (writers) => {
        await writers.more(WRITES / 3);
        server.faults.add({
          fault: { kind: 'lose-write' },
          kinds: ['PutObject'],
          when: ({ key }) => key.includes(`${id}/`) && key.includes('/log-'),
          times: 1,
        });
        await waitUntil(() => server.faults.pending === 0, { what: 'a write was lost', withinMs: 30_000 });
        await writers.more(WRITES / 3);
      });
      await assertRestoreEqualsSource(ledger, 'far').catch(async (cause: unknown) => {
        const said = (await eventsSince(platform, since)).map(({ name, fields }) => `${name} ${JSON.stringify(fields)}`);
        throw new Error(`not whole; events:\n${said.join('\n')}`, { cause });
      });
    });
  });

  test('that stays away is late with its cause, in events and for people, until it has caught up', async (t) => {
    await using story = await openStory();
    const { server, platform, ledger } = story;
    const since = await newestEvent(platform);
    await underLoad(t, ledger, async (writers) => {
      {
        using _outage = server.faults.during({ fault: { kind: 'status', status: 403 } });
        const { fields } = await eventOfFar(platform, 'store.late', { since, withinMs: 120_000 });
        assert.match(String(fields['cause']), /den|403/i, JSON.stringify(fields));
        const { stdout } = await berth(platform.home, ['ps']);
        assert.match(stdout, /ledger\/db: .*(den|403)/i, stdout);
        const { stdout: targets } = await berth(platform.home, ['target']);
        assert.match(targets, /far .*failing/, targets);
      }
      await eventOfFar(platform, 'store.caught-up', { since, withinMs: 60_000 });
      await writers.more(10);
    });
    await assertRestoreEqualsSource(ledger, 'far');
  });
});

type Story = AsyncDisposable & { readonly server: S3Server; readonly platform: StoryPlatform; readonly ledger: Ledger };

/** The ledger on a platform whose only target far away is an object store. */
async function openStory(): Promise<Story> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await createS3Server({ buckets: [BUCKET] }));
  const platform = opened.use(await StoryPlatform.open({ tls: 'off' }));
  const ledger = new Ledger(platform);
  assert.equal((await ledger.deploy()).error, null);
  await addS3(ledger, server);
  const kept = opened.move();
  return { server, platform, ledger, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
